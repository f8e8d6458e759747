"""An administrator brings models: over the network, from a mirror, on a stick. None of it may arrive half, or do harm."""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.language.engines.bergamot import bundled_models_folder
from bot.language.engines.router import open_router
from bot.language.models.download import download, fetch, room_for
from bot.language.models.errors import HostUnreachable, ModelError, UnsafePackage
from bot.language.models.keep import ModelFolder
from bot.language.models.sources import RemoteFile, argos_offers, bergamot_offers, for_language, offers
from bot.language.translator import Translator
from tests.language.model_host import ModelHost, model_host

PACKAGE = Path(__file__).parent / "data" / "translate-en_es-0_1-for-tests-only.argosmodel"


@pytest.fixture
def host() -> Iterator[ModelHost]:
    with model_host() as running:
        yield running


def _index(url: str, **more: object) -> bytes:
    entry = {
        "package_version": "0.1",
        "from_code": "en",
        "from_name": "English",
        "to_code": "es",
        "to_name": "Spanish",
        "code": "translate-en_es",
        "links": [f"{url}/{PACKAGE.name}"],
    }
    return json.dumps([entry | more]).encode()


@pytest.mark.model
def test_a_package_is_found_fetched_installed_and_translates_on_the_real_library(
    host: ModelHost, tmp_path: Path
) -> None:
    host.files = {"/argos/index.json": _index(host.url), f"/argos/{PACKAGE.name}": PACKAGE.read_bytes()}
    found, problems = offers(fetch, mirror=host.url)
    assert [offer.name for offer in for_language(found, "es")] == ["translate-en_es-0.1"]
    assert len(problems) == 1, "this mirror has no Bergamot models, which hides nothing of Argos"
    folder = ModelFolder(tmp_path / "models")
    seen: list[int] = []
    folder.install(found[0], lambda done, total: seen.append(done))
    assert seen[-1] == PACKAGE.stat().st_size

    router = open_router(folder.folder)
    translator = Translator(router)
    said = translator.translate(
        ["School is closed on Friday because of snow.", "Please call 555-123-4567 before Monday.", "😊"],
        "en",
        "es",
    )
    through_english = translator.translate(
        ["A escola está fechada na sexta-feira por causa da neve."], "pt", "es"
    )
    checked = {finding.model: finding for finding in folder.check(router)}
    router.close()
    assert said[0].text == "La escuela está cerrada el viernes por la nieve."
    assert said[0].engine == "argos"
    assert "555-123-4567" in said[1].text
    assert said[2].text == "😊"
    assert through_english[0].text == said[0].text
    assert through_english[0].engine == "bergamot+argos"
    assert checked["translate-en_es-0.1"].ok
    assert folder.remove("es") == ["translate-en_es-0.1"]
    assert folder.installed() == []


def test_a_download_that_breaks_off_goes_on_where_it_stopped(host: ModelHost, tmp_path: Path) -> None:
    body = PACKAGE.read_bytes()
    host.files, host.break_after = {"/p": body}, 500_000
    file = RemoteFile("p", f"{host.url}/p", hashlib.sha256(body).hexdigest())
    with pytest.raises(HostUnreachable):
        download(file, tmp_path)
    host.break_after = None
    assert download(file, tmp_path).read_bytes() == body
    assert host.asked[-1][1] not in (None, "bytes=0-")


def test_an_exchanged_file_is_refused_and_nothing_of_it_is_kept(host: ModelHost, tmp_path: Path) -> None:
    host.files = {"/p": b"something else"}
    with pytest.raises(ModelError, match="sha256"):
        download(RemoteFile("p", f"{host.url}/p", "0" * 64), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_host_that_cannot_be_reached_is_named_with_the_ways_round_it() -> None:
    with pytest.raises(
        HostUnreachable, match=r"127\.0\.0\.1 cannot be reached.*MODELS_MIRROR.*bot models add"
    ):
        fetch("http://127.0.0.1:9/index.json")


def test_a_disk_that_is_nearly_full_is_left_alone(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="MB free"):
        room_for(tmp_path, 10**18)


def test_a_mirror_that_answers_nonsense_is_told_so(host: ModelHost) -> None:
    host.files = {"/argos/index.json": b"<html>", "/bergamot/records.json": b"{}"}
    found, problems = offers(fetch, mirror=host.url)
    assert found == []
    assert [str(problem) for problem in problems] == [
        "Argos's index is not JSON: the host or mirror answered something else.",
        "Mozilla's list of models has no “data”.",
    ]


def test_of_mozillas_models_the_newest_released_one_is_offered() -> None:
    def record(kind: str, version: str, architecture: str, target: str = "es") -> dict[str, object]:
        return {
            "name": f"{kind}.en{target}.bin",
            "fileType": kind,
            "sourceLanguage": "en",
            "targetLanguage": target,
            "version": version,
            "architecture": architecture,
            "attachment": {"hash": "ab", "location": f"main/{version}-{architecture}"},
            "decompressedHash": "cd",
        }

    body = {
        "data": [
            record("model", "2.1", "tiny"),
            record("vocab", "2.1", "tiny"),
            record("model", "2.1", "base-memory"),
            record("vocab", "2.1", "base-memory"),
            record("model", "3.0a1", "base"),
            record("vocab", "1.0", "tiny", target="xx"),
        ]
    }
    [offer] = bergamot_offers(json.dumps(body).encode(), "https://files.example/")
    assert (offer.name, len(offer.files)) == ("en-es-2.1-base-memory", 2)
    assert offer.files[0].url == "https://files.example/main/2.1-base-memory"
    assert offer.files[0].compressed
    unsafe = {"data": [record("model", "2.1", "tiny") | {"name": "../../etc/passwd"}]}
    with pytest.raises(ModelError, match="not safe"):
        bergamot_offers(json.dumps(unsafe).encode())


def test_entries_of_argos_that_are_no_translation_between_known_languages_are_passed_over() -> None:
    assert argos_offers(_index("ipfs:", type="sbd")) == []
    assert argos_offers(_index("https://x", to_code="tlh")) == []
    assert argos_offers(_index("https://x", to_code="pb"))[0].target == "pt"


@pytest.mark.model
def test_a_bergamot_folder_comes_on_a_stick(tmp_path: Path) -> None:
    bundled = bundled_models_folder()
    assert bundled is not None
    stick = tmp_path / "stick" / "enpt"
    shutil.copytree(next(bundled.glob("enpt*")), stick)
    folder = ModelFolder(tmp_path / "models")
    assert folder.add(stick) == "en-pt"
    router = open_router(folder.folder)
    [model] = [model for model in router.models() if model.source == "en"]
    router.close()
    assert Path(model.where).is_relative_to(folder.folder), (
        "what was added wins over what came with a package"
    )
    (folder.folder / "bergamot" / "en-pt" / "model.enpt.intgemm.alphas.bin").write_bytes(b"changed")
    router = open_router(folder.folder)
    broken = [finding for finding in folder.check(router) if not finding.ok]
    router.close()
    assert "is not the file that was installed" in broken[0].says


def _package(path: Path, entries: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in entries.items():
            archive.writestr(name, body)
    return path


@pytest.mark.parametrize(
    ("entries", "error", "says"),
    [
        ({"../evil.txt": b"x"}, UnsafePackage, "outside its own folder"),
        ({"/etc/evil": b"x"}, UnsafePackage, "outside its own folder"),
        ({"p/..\\evil": b"x"}, UnsafePackage, "outside its own folder"),
        ({"p/zeros": bytes(50_000_000)}, UnsafePackage, "absurd size"),
        ({"a/x": b"x", "b/y": b"y"}, ModelError, "exactly one folder"),
        ({"p/readme": b"x"}, ModelError, "metadata.json"),
        ({"p/metadata.json": b'{"from_code":"en","to_code":"es"}'}, ModelError, "p.argosmodel .*model.bin"),
        (
            {"p/metadata.json": b'{"from_code":"../x","to_code":"en"}', "p/model/model.bin": b"x"},
            ModelError,
            "does not know",
        ),
    ],
)
def test_a_package_that_would_do_harm_is_refused(
    tmp_path: Path, entries: dict[str, bytes], error: type[ModelError], says: str
) -> None:
    folder = ModelFolder(tmp_path / "models")
    with pytest.raises(error, match=says):
        folder.add(_package(tmp_path / "p.argosmodel", entries))
    assert list((tmp_path / "models").rglob("*.txt")) == []
    assert not (tmp_path / "evil.txt").exists()
    assert folder.installed() == []
    assert [p.name for p in folder.folder.iterdir() if p.name.startswith(".incoming")] == []


def test_a_link_inside_a_package_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "p.argosmodel"
    with zipfile.ZipFile(path, "w") as archive:
        link = zipfile.ZipInfo("p/model")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc")
    with pytest.raises(UnsafePackage, match="links"):
        ModelFolder(tmp_path / "models").add(path)


def test_a_truncated_package_is_told_to_be_fetched_again(tmp_path: Path) -> None:
    path = tmp_path / "half.argosmodel"
    path.write_bytes(PACKAGE.read_bytes()[: PACKAGE.stat().st_size // 2])
    with pytest.raises(ModelError, match="Fetch it again"):
        ModelFolder(tmp_path / "models").add(path)
    scrambled = bytearray(PACKAGE.read_bytes())
    third = len(scrambled) // 3
    scrambled[third : third + 4000] = bytes(byte ^ 0x5A for byte in scrambled[third : third + 4000])
    path.write_bytes(scrambled)
    with pytest.raises(ModelError, match="Fetch it again"):
        ModelFolder(tmp_path / "models").add(path)
    with pytest.raises(ModelError, match="is not there"):
        ModelFolder(tmp_path / "models").add(tmp_path / "nowhere")
    with pytest.raises(ModelError, match="bot models list"):
        ModelFolder(tmp_path / "models").remove("nothing")


def test_a_stray_folder_among_the_packages_harms_nothing(tmp_path: Path) -> None:
    (tmp_path / "argos" / "notes").mkdir(parents=True)
    (tmp_path / "bergamot" / "en-fr").mkdir(parents=True)
    (tmp_path / "bergamot" / "en-fr" / "vocab.spm").write_bytes(b"")
    router = open_router(tmp_path)
    findings = [finding for finding in ModelFolder(tmp_path).check(router) if not finding.ok]
    router.close()
    assert {finding.says.partition(" ")[2][:40] for finding in findings} == {
        "is no Argos package: metadata.json is mi",
        "holds no Bergamot model: model….bin is m",
    }
