"""What can be said of a delivery that did not succeed."""


class DeliveryError(Exception):
    """`permanent`: trying again would fail again. `unknown`: the channel may have it already, so
    sending it again could show it twice. Neither: it was not delivered, and may be tried later.
    """

    def __init__(self, reason: str, *, permanent: bool = False, unknown: bool = False) -> None:
        super().__init__(reason)
        self.permanent = permanent
        self.unknown = unknown
