"""JSON as it is stored and sent: each letter as itself, and no spaces between."""

import json

json_text = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
