import json
import struct
import subprocess
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest

from bot.teams_icons import color_icon, outline_icon
from bot.teams_package import MANIFEST_VERSION, TeamsApp, build_package
from tests.needs import needs_node, needs_package

APP: dict[str, Any] = {
    "app_id": "3f2a7d54-0c1e-4b7a-9a55-1f6f2f0d9c11",
    "url": "https://billing.example",
    "name": {"en": "Billing assistant", "zh": "账单助手"},
    "developer": "Harbourlight Cloud",
    "questions": [{"en": "When is my invoice due?", "zh": "账单什么时候到期？"}],
}
VALIDATE = Path(__file__).parents[1] / "node" / "validate.cjs"
SCHEMAS = f"@microsoft/app-manifest/build/json-schemas/teams/v{MANIFEST_VERSION}"


def content(package: Path, name: str) -> Any:
    with zipfile.ZipFile(package) as opened:
        return json.loads(opened.read(name))


@pytest.fixture
def package(tmp_path: Path) -> Path:
    return build_package(TeamsApp(**APP), tmp_path / "out" / "billing-assistant.zip")


def test_it_holds_what_teams_wants_and_nothing_more(package: Path) -> None:
    with zipfile.ZipFile(package) as opened:
        assert opened.testzip() is None
        assert opened.namelist() == ["manifest.json", "zh-cn.json", "color.png", "outline.png"]


def test_the_manifest_names_the_bot_in_every_scope(package: Path) -> None:
    manifest = content(package, "manifest.json")
    assert manifest["id"] == manifest["bots"][0]["botId"] == APP["app_id"]
    assert manifest["bots"][0]["scopes"] == ["personal", "team", "groupChat"]
    assert manifest["validDomains"] == ["billing.example"]
    assert manifest["localizationInfo"]["additionalLanguages"][0]["languageTag"] == "zh-cn"


def test_the_chinese_texts_stand_for_texts_of_the_manifest(package: Path) -> None:
    chinese = content(package, "zh-cn.json")
    assert chinese["name.short"] == "账单助手"
    assert chinese["bots[0].commandLists[0].commands[0].title"] == "账单什么时候到期？"


def test_the_same_app_gives_the_same_bytes(tmp_path: Path) -> None:
    packages = [build_package(TeamsApp(**APP), tmp_path / name) for name in ("a.zip", "b.zip")]
    assert packages[0].read_bytes() == packages[1].read_bytes()


def test_the_icons_have_the_sizes_and_colours_teams_wants() -> None:
    color, outline = pixels(color_icon("#0d5c86")), pixels(outline_icon())

    assert (len(color), len(outline)) == (192, 32)
    assert color[0][0] == (0x0D, 0x5C, 0x86, 255)
    assert {pixel[3] for row in color for pixel in row} == {255}
    assert {pixel[:3] for row in outline for pixel in row} == {(255, 255, 255)}
    assert {0, 255} <= {pixel[3] for row in outline for pixel in row}
    marked = [row for row in range(192) if any(pixel != color[0][0] for pixel in color[row])]
    assert (min(marked) >= 48, max(marked) < 144) == (True, True)


def pixels(png: bytes) -> list[list[tuple[int, ...]]]:
    width, height, depth, kind = struct.unpack(">IIBB", png[16:26])
    assert (width, depth, kind) == (height, 8, 6)
    start = png.index(b"IDAT")
    (length,) = struct.unpack(">I", png[start - 4 : start])
    data = zlib.decompress(png[start + 4 : start + 4 + length])
    rows = [data[row * (4 * width + 1) + 1 :][: 4 * width] for row in range(height)]
    return [[tuple(row[at : at + 4]) for at in range(0, len(row), 4)] for row in rows]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"app_id": "billing"}, "must be a GUID"),
        ({"url": "http://billing.example"}, "wants https addresses"),
        ({"privacy_url": "billing.example/privacy"}, "wants https addresses"),
        ({"name": {"en": "B" * 31, "zh": "账"}}, "1 to 30 characters"),
        ({"name": {"en": "B", "zh": ""}}, "1 to 30 characters"),
        ({"developer": "D" * 33}, "1 to 32 characters"),
        ({"questions": [{"en": "q", "zh": "问"}] * 13}, "at most 12"),
        ({"questions": [{"en": "q" * 129, "zh": "问"}]}, "1 to 128 characters"),
        ({"accent": "blue"}, "#rrggbb"),
    ],
)
def test_what_teams_would_refuse_is_refused(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        TeamsApp(**APP | change)


@pytest.mark.node
def test_it_meets_microsofts_schemas(package: Path, tmp_path: Path) -> None:
    assert complaints(package, "MicrosoftTeams.schema.json", "manifest.json") == ""
    assert complaints(package, "MicrosoftTeams.Localization.schema.json", "zh-cn.json") == ""

    manifest = content(package, "manifest.json") | {"bots": [{"botId": "no guid"}], "extra": 1}
    spoilt = tmp_path / "spoilt.zip"
    with zipfile.ZipFile(spoilt, "w") as made:
        made.writestr("manifest.json", json.dumps(manifest))
    found = complaints(spoilt, "MicrosoftTeams.schema.json", "manifest.json")
    assert "additional properties" in found
    assert "/bots/0/botId" in found


def complaints(package: Path, schema: str, name: str) -> str:
    node, schemas = needs_node(), needs_package(SCHEMAS)
    with zipfile.ZipFile(package) as opened:
        file = opened.extract(name, package.parent / package.stem)
    done = subprocess.run(
        [node, VALIDATE, schemas / schema, file], capture_output=True, text=True, timeout=100
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
