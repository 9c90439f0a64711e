"""Stored files: told by their content, held by one entity each, gone when nobody holds them."""

import os
import tracemalloc
import types
from collections.abc import Iterator
from contextlib import suppress
from contextvars import Context
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import pytest
from pydantic import BaseModel, RootModel

from nitro_entities import (
    DeletedAt,
    DiskStorage,
    Entity,
    FileMissing,
    FileRefused,
    FileRules,
    ImageFile,
    MemoryRepo,
    RedisRepo,
    S3Storage,
    SQLEntity,
    SQLModelBackend,
    StoredFile,
    UnitOfWork,
    classes,
    configure,
)
from nitro_entities.errors import DefinitionError, EntityError
from nitro_entities.files import Allowance, Storage, UploadsFull, begin, storage, sweep
from nitro_entities.files.names import clean_name
from nitro_entities.files.places import checked_key
from support import redis as redis_servers
from support import s3
from support.pictures import gif, png

NOW = timedelta(0)
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


class PictureInMemory(Entity):
    name: str = ""
    photo: ImageFile | None = None
    papers: list[StoredFile] = []


class PictureInTable(Entity):
    _persistence_backend_class = SQLModelBackend
    name: str = ""
    photo: ImageFile | None = None
    papers: list[StoredFile] = []


class PictureInSql(SQLEntity):
    name: str = ""
    photo: ImageFile | None = None
    papers: list[StoredFile] = []


class PictureInRedis(Entity):
    _persistence_backend_class = RedisRepo
    name: str = ""
    photo: ImageFile | None = None
    papers: list[StoredFile] = []


class NamedPictures(Entity):
    by_name: dict[str, StoredFile] = {}
    lists: dict[str, list[StoredFile]] = {}


class KeptPicture(Entity):
    photo: ImageFile | None = None
    deleted_at: DeletedAt = None


@pytest.fixture(scope="module")
def s3_url() -> Iterator[str]:
    with s3.server() as url:
        yield url


@pytest.fixture(params=["disk", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    """A storage with nothing in it, which is that of the application."""
    if request.param == "disk":
        configure(files=tmp_path / "files")
    else:
        url = request.getfixturevalue("s3_url")
        configure(files=f"s3://{s3.bucket(url)}/app")
    return storage()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    configure(files=tmp_path / "files")
    return tmp_path / "files"


@pytest.fixture(params=["memory", "table", "sql", "redis"])
def picture(request: pytest.FixtureRequest) -> Any:
    """The same class in every store."""
    if request.param == "redis":
        configure(redis_url=redis_servers.server())
    return {
        "memory": PictureInMemory,
        "table": PictureInTable,
        "sql": PictureInSql,
        "redis": PictureInRedis,
    }[request.param]


def keys(place: Storage) -> list[str]:
    folders = ("_arriving", "_removed", classes.slug(PictureInMemory))
    return sorted(key for folder in folders for key, _ in place.keys(folder))


def held(folder: Path) -> list[str]:
    """List what is in the storage but what was removed."""
    found = (p.relative_to(folder) for p in folder.rglob("*") if p.is_file())
    return sorted(path.as_posix() for path in found if path.parts[0] != "_removed")


# What a file is


def test_name_size_type_and_hash_are_of_the_content(folder: Path) -> None:
    file = ImageFile.store(png(40, 30), name="me.png")

    assert (file.name, file.size, file.type) == ("me.png", len(png(40, 30)), "image/png")
    assert (file.width, file.height) == (40, 30)
    assert file.read() == png(40, 30)


@pytest.mark.parametrize(
    ("content", "type"),
    [
        (png(), "image/png"),
        (gif(), "image/gif"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "application/pdf"),
        (b"plain words\nand lines", "text/plain"),
        ("Grüße".encode() * 100_000, "text/plain"),
        (b"  \n<!DOCTYPE html><p>", "text/html"),
        (b"a text, and then <script>alert(1)</script>", "text/html"),
        (b"<?xml version='1.0'?><svg onload='alert(1)'></svg>", "image/svg+xml"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'></svg>", "image/svg+xml"),
        (b"PK\x03\x04" + bytes(30) + b"word/document.xml", WORD),
        (b"PK\x03\x04" + bytes(30) + b"some/file.txt", "application/zip"),
        (b"\x00\x01\x02\x03 nothing that is known", "application/octet-stream"),
        (b"nothing known\x00</svg>", "application/octet-stream"),
    ],
)  # fmt: skip
def test_the_type_is_told_by_the_first_bytes(folder: Path, content: bytes, type: str) -> None:
    assert StoredFile.store(content, name="liar.png").type == type


@pytest.mark.parametrize(
    "content",
    [
        b"<html><script>alert(1)</script>",
        b"<svg onload='alert(1)'></svg>",
        b"GIF89a",
        png()[:20],
        b"%PDF-1.7 and more",
        b"\x89PNG\r\n\x1a\n<script>",
        b"",
    ],
    ids=["html", "svg", "cut gif", "cut png", "pdf", "mark alone", "nothing"],
)
def test_what_is_no_picture_is_refused_and_leaves_nothing(folder: Path, content: bytes) -> None:
    with pytest.raises(FileRefused):
        ImageFile.store(content, name="me.png")

    assert not folder.exists() or held(folder) == []


def test_a_picture_with_something_behind_it_is_a_picture_and_nothing_else(folder: Path) -> None:
    file = ImageFile.store(png() + b"<script>alert(1)</script>PK\x03\x04", name="a.html")

    assert (file.type, file.name) == ("image/png", "a.html.png")


def test_a_picture_of_too_many_pixels_is_refused(folder: Path) -> None:
    bomb = png(40, 30).replace((40).to_bytes(4, "big"), (60_000).to_bytes(4, "big"), 1)
    bomb = bomb.replace((30).to_bytes(4, "big"), (60_000).to_bytes(4, "big"), 1)

    with pytest.raises(FileRefused, match="60000 by 60000 pixels"):
        ImageFile.store(bomb)


def test_a_file_that_is_too_large_is_refused_while_it_comes(folder: Path) -> None:
    read = 0

    def endless() -> Iterator[bytes]:
        nonlocal read
        while True:
            read += 100_000
            yield bytes(100_000)

    with pytest.raises(FileRefused, match="1 MB at most"):
        StoredFile.store(endless(), rules=FileRules(size=1_000_000))
    assert read == 1_100_000
    assert held(folder) == []


def test_rules_take_types_and_not_only_one_of_them() -> None:
    rules = FileRules(types=("application/pdf", "image/*"))

    assert rules.takes("image/webp")
    assert rules.takes("application/pdf")
    assert not rules.takes("image/svg+xml")  # it runs scripts
    assert not rules.takes("text/html")
    with pytest.raises(DefinitionError, match="give a tuple"):
        FileRules(types="image/png")  # type: ignore[arg-type]


def test_a_large_file_never_is_in_memory_as_a_whole(place: Storage) -> None:
    def pieces() -> Iterator[bytes]:
        for number in range(600):
            yield bytes([number % 251]) * 100_000

    place.writer("_arriving/warm").cancel()  # what is loaded once
    tracemalloc.start()
    file = StoredFile.store(pieces(), rules=FileRules(size=100_000_000))
    read = sum(len(piece) for piece in file.chunks())
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert read == file.size == 60_000_000
    # the server for S3 is in this process, too, and holds what it is sent
    if isinstance(place, DiskStorage):
        assert most < 5_000_000


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("me.png", "me.png"),
        ("../../etc/passwd", "passwd.png"),
        ("C:\\Users\\me\\a.png", "a.png"),
        ("a\0b\r\n.png", "ab.png"),
        ("invoice\u202egnp.exe", "invoicegnp.exe.png"),
        ("..", "file.png"),
        ("", "file.png"),
        (".htaccess", "htaccess.png"),
        ('a"b<c>.png', "a_b_c_.png"),
        ("e\u0301.png", "\u00e9.png"),
        ("x" * 500 + ".png", "x" * 117 + ".png"),
    ],
)
def test_a_name_is_a_name_and_no_way_somewhere(said: str, kept: str) -> None:
    assert clean_name(said, "image/png") == kept


NO_KEYS = ["../x", "/etc/passwd", "a/../b", "a//b", "A", "", "a\0", "x" * 301]


@pytest.mark.parametrize("key", NO_KEYS)
def test_no_key_leads_out_of_the_storage(place: Storage, key: str) -> None:
    with pytest.raises(ValueError, match="No key"):
        checked_key(key)
    with pytest.raises(ValueError, match="No key"):
        place.writer(key)


def test_what_can_be_no_key_is_the_name_of_no_content(place: Storage) -> None:
    for key in NO_KEYS:
        with pytest.raises(FileMissing):
            place.read(key)
        with pytest.raises(FileMissing):
            place.copy(key, "things/one")
        with pytest.raises(FileMissing):
            place.move(key, "things/one")


class FiledPaper(BaseModel):
    scan: StoredFile


@dataclass
class FiledPicture:
    photo: ImageFile | None = None


class FiledPair(NamedTuple):
    one: int
    paper: StoredFile


@pytest.mark.parametrize(
    "annotation",
    [
        FiledPaper,
        list[FiledPaper],
        dict[str, FiledPaper],
        FiledPicture | None,
        FiledPair,
        RootModel[list[StoredFile]],
    ],
    ids=str,
)
def test_a_file_inside_of_something_else_is_refused_when_the_class_is_defined(
    annotation: Any,
) -> None:
    said = {"__annotations__": {"inside": annotation}, "__module__": __name__}
    with pytest.raises(DefinitionError, match=r"inside: .*stored file inside.*field of its own"):
        types.new_class("HoldsInside", (Entity,), exec_body=lambda space: space.update(said))


def test_where_a_file_is_kept_is_in_no_signals(folder: Path) -> None:
    paper = StoredFile.store(b"a", name="a.txt")
    made = NamedPictures.create(by_name={"one": paper}, lists={"two": [paper]})

    told = made.signals
    assert told["by_name"]["one"]["name"] == told["lists"]["two"][0]["name"] == "a.txt"
    assert "key" not in told["by_name"]["one"] | told["lists"]["two"][0]


# How much one may have that nothing holds


def arrived(content: bytes, allowance: Allowance | None) -> StoredFile:
    with begin(StoredFile, FileRules(), "a", allowance=allowance) as arriving:
        arriving.write(content)
        return arriving.end()


def test_an_owner_has_so_many_bytes_that_nothing_holds(place: Storage) -> None:
    ann, ben = Allowance("ann", 10), Allowance("ben", 10)
    one = arrived(b"123456", ann)
    before = keys(place)

    with pytest.raises(UploadsFull):
        arrived(b"12345", ann)
    assert keys(place) == before
    arrived(b"12345", ben)
    arrived(b"x" * 100, None)
    PictureInMemory.create(papers=[one])
    arrived(b"12345", ann)


def test_those_that_arrive_at_once_are_counted_together(place: Storage) -> None:
    allowance = Allowance("eve", 300_000)
    several = [begin(StoredFile, FileRules(), "a", allowance=allowance) for _ in range(4)]
    for arriving in several:
        for _ in range(2):
            with suppress(UploadsFull):
                arriving.write(b"x" * 130_000)
    for arriving in several:
        with suppress(UploadsFull):
            arriving.end()
    for arriving in several:
        arriving.cancel()

    assert place.total("_arriving/eve-") <= allowance.most


def test_what_nobody_was_told_of_is_discarded(folder: Path) -> None:
    arriving = begin(StoredFile, FileRules(), "a")
    arriving.write(b"a")
    arriving.end()
    arriving.discard()

    assert held(folder) == []


# Who holds it


def test_what_is_held_is_there_again_in_every_store(folder: Path, picture: Any) -> None:
    papers = [StoredFile.store(b"a", name="a.txt"), StoredFile.store(b"b", name="b.txt")]
    made = picture.create(photo=ImageFile.store(png()), papers=papers)

    again = picture.get(made.id)
    assert again.photo.read() == png()
    assert [(one.name, one.read()) for one in again.papers] == [("a.txt", b"a"), ("b.txt", b"b")]
    assert again.changed == frozenset()
    assert len(held(folder)) == 3  # nothing is left of the uploads
    again.delete()
    assert held(folder) == []


def test_what_is_replaced_is_removed_after_the_commit(folder: Path, picture: Any) -> None:
    made = picture.create(photo=ImageFile.store(png()))
    old = made.photo
    with UnitOfWork() as unit:
        made.photo = ImageFile.store(png(2, 2))
        made.save()
        unit.flush()
        assert old.key in held(folder)
        unit.commit()

    assert held(folder) == [made.photo.key]
    assert picture.get(made.id).photo.read() == png(2, 2)


def test_a_unit_that_is_rolled_back_loses_nothing(folder: Path, picture: Any) -> None:
    made = picture.create(photo=ImageFile.store(png()), papers=[StoredFile.store(b"a")])
    with UnitOfWork() as unit:
        thing = picture.get(made.id)
        thing.photo, thing.papers = ImageFile.store(png(2, 2)), []
        thing.save()
        unit.flush()
        unit.rollback()
    with UnitOfWork() as unit:
        picture.get(made.id).delete()
        unit.flush()
        unit.rollback()

    again = picture.get(made.id)
    assert again.photo.read() == png()
    assert [one.read() for one in again.papers] == [b"a"]


def test_what_a_rolled_back_unit_leaves_is_swept(folder: Path, picture: Any) -> None:
    made = picture.create(photo=ImageFile.store(png()))
    with UnitOfWork() as unit:
        picture.create(photo=ImageFile.store(png(2, 2)))
        unit.flush()
        unit.rollback()
    assert len(held(folder)) == 3  # the one that is held, the upload, and its copy

    assert sweep() == 0  # it might be of a unit that is still open
    assert sweep(left_for=NOW) == 1
    assert made.photo.key in held(folder)
    assert picture.get(made.id).photo.read() == png()


def test_each_entity_has_a_content_of_its_own(folder: Path, picture: Any) -> None:
    one = picture.create(photo=ImageFile.store(png()))
    two = picture.create(photo=one.photo, papers=[one.photo])
    one.delete()

    again = picture.get(two.id)
    assert again.photo.read() == again.papers[0].read() == png()
    assert again.photo.key != again.papers[0].key


def test_files_in_a_dictionary_are_held_as_others_are(folder: Path) -> None:
    one, two = StoredFile.store(b"a"), StoredFile.store(b"b")
    made = NamedPictures.create(by_name={"one": one}, lists={"two": [two]})

    assert made.by_name["one"].read() + made.lists["two"][0].read() == b"ab"
    assert held(folder) == sorted([made.by_name["one"].key, made.lists["two"][0].key])

    made.delete()
    assert held(folder) == []


def test_the_copy_of_an_old_file_is_not_swept_before_its_unit_commits(folder: Path) -> None:
    old = PictureInMemory.create(photo=ImageFile.store(png()))
    assert old.photo is not None
    os.utime(folder / old.photo.key, (1_600_000_000, 1_600_000_000))
    with UnitOfWork() as unit:
        made = PictureInMemory.create(photo=old.photo)
        unit.flush()
        assert made.photo is not None
        assert Context().run(sweep) == 0
        unit.commit()

    assert made.photo.read() == png()


def test_a_deletion_can_be_undone_for_a_while(folder: Path) -> None:
    made = PictureInMemory.create(photo=ImageFile.store(png()))
    copy = PictureInMemory(**made.model_dump())
    made.delete()
    assert held(folder) == []
    copy.save()

    assert copy.photo is not None
    assert copy.photo.read() == png()


def test_what_is_deleted_softly_keeps_its_file(folder: Path) -> None:
    made = KeptPicture.create(photo=ImageFile.store(png()))
    made.delete()
    assert sweep(left_for=NOW) == 0
    made.restore()

    photo = KeptPicture.get(made.id).photo
    assert photo is not None
    assert photo.read() == png()


def test_what_is_not_in_the_storage_cannot_be_kept(folder: Path) -> None:
    file = StoredFile.store(b"a")
    storage().delete(file.key)

    with pytest.raises(FileMissing) as refused:
        PictureInMemory.create(papers=[file])
    assert refused.value.field == "papers"
    assert PictureInMemory.count() == 0


async def _created_in_a_loop() -> Any:
    file = await ImageFile.astore(png())
    made = await PictureInTable.acreate(photo=file)
    again = await PictureInTable.aget(made.id)
    return None if again.photo is None else await again.photo.aread()


def test_on_an_event_loop_it_is_awaited(folder: Path) -> None:
    import asyncio

    assert asyncio.run(_created_in_a_loop()) == png()


# Storages


def test_a_storage_reads_parts_copies_moves_and_lists(place: Storage) -> None:
    writer = place.writer("_arriving/one")
    writer.write(b"0123456789")
    assert list(place.keys("_arriving")) == []  # not before it is complete
    writer.end()
    place.copy("_arriving/one", "things/two")
    place.move("_arriving/one", "things/three")

    assert b"".join(place.read("things/two", 2, 3)) == b"234"
    assert b"".join(place.read("things/three", 7)) == b"789"
    assert [*place.read("things/three", 0, 0), *place.read("things/three", 10)] == []
    assert (place.total("things/t"), place.total("things/tw")) == (20, 10)
    assert [key for key, _ in place.keys("things")] in (
        ["things/three", "things/two"],
        ["things/two", "things/three"],
    )
    place.delete("things/two")
    place.delete("things/two")
    for missing in ("things/two", "_arriving/one"):
        with pytest.raises(FileMissing):
            place.read(missing)
        with pytest.raises(FileMissing):
            place.read(missing, 0, 0)
        with pytest.raises(FileMissing):
            place.copy(missing, "things/four")


def test_entities_hold_files_in_every_storage(place: Storage) -> None:
    large = bytes(range(256)) * 40_000  # several parts for S3
    paper = StoredFile.store(large, rules=FileRules(size=20_000_000))
    made = PictureInMemory.create(photo=ImageFile.store(png()), papers=[paper])
    assert made.papers[0].read() == large
    made.papers = []
    made.save()

    assert len(keys(place)) == 2  # the photo, and what was removed a moment ago
    made.delete()
    assert all(key.startswith("_removed/") for key in keys(place))


def test_a_writer_that_was_killed_leaves_nothing_for_ever(place: Storage) -> None:
    writer = place.writer("_arriving/half")
    writer.write(bytes(9_000_000))
    if isinstance(place, S3Storage):
        uploads = place.client.list_multipart_uploads(Bucket=place.bucket)
        assert len(uploads["Uploads"]) == 1
    from nitro_entities.config import utc_now

    place.drop_unfinished(utc_now() + timedelta(minutes=1))
    assert list(place.keys("_arriving")) == []
    if isinstance(place, DiskStorage):
        assert [path for path in place.folder.rglob("*") if path.is_file()] == []
        writer.cancel()
    else:
        assert isinstance(place, S3Storage)
        assert "Uploads" not in place.client.list_multipart_uploads(Bucket=place.bucket)


def test_old_uploads_go_by_themselves(folder: Path) -> None:
    old, new = StoredFile.store(b"old"), StoredFile.store(b"new")
    weeks_ago = 1_600_000_000
    os.utime(folder / old.key, (weeks_ago, weeks_ago))

    assert sweep() == 1
    assert held(folder) == [new.key]


def test_a_storage_is_a_folder_or_a_bucket(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("NITRO_FILES", "s3://pictures/app/files/")
    found = storage()
    assert isinstance(found, S3Storage)
    assert (found.bucket, found.prefix) == ("pictures", "app/files/")
    configure(files="ftp://somewhere/x")
    with pytest.raises(EntityError, match="s3://bucket/prefix"):
        storage()
    own = DiskStorage(tmp_path)
    configure(files=own)
    assert storage() is own


class HeldElsewhere(Entity):
    paper: Annotated[StoredFile | None, FileRules(types=("text/plain",), size=10)] = None
    plain: str = ""


def test_other_classes_are_as_quick_as_before() -> None:
    from nitro_entities.traits import traits

    class Unheld(Entity):
        name: str = ""

    assert traits(HeldElsewhere).files == ("paper",)
    assert traits(Unheld).files == ()
    assert traits(Unheld).saves_alone
    assert MemoryRepo is not None
