"""Downloads: whole or not at all, from the first mirror that has it."""

import pytest

from sklaudio.datasets._download import Remote, download, download_and_unpack, get_data_home

from .conftest import md5, put, sha1, sha256, write_tar, write_zip


@pytest.fixture
def archive(server):
    _, folder, _ = server
    return write_tar(folder / "set.tar.gz", {"set/a.txt": b"a", "set/deep/b.txt": b"b", "other/c.txt": b"c"})


def test_a_whole_file_is_put_in_place(server, archive, tmp_path):
    address, _, _ = server
    target = tmp_path / "new" / "set.tar.gz"
    download([Remote(address + "set.tar.gz", sha256(archive), archive.stat().st_size)], target)
    assert target.read_bytes() == archive.read_bytes()
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.parametrize(
    ("name", "wrong", "words"),
    [
        ("set.tar.gz", {"hash": "md5:" + "0" * 32}, "the md5 is"),
        ("set.tar.gz", {"size": 7}, "where 7 were expected"),
        ("missing.tar.gz", {}, "404"),
        ("cut.tar.gz", {}, "cut.tar.gz: "),
    ],
    ids=["wrong hash", "wrong size", "missing", "cut short"],
)
def test_a_bad_file_leaves_nothing_behind(name, wrong, words, server, archive, tmp_path):
    address, _, _ = server
    remote = Remote(**{"url": address + name, "hash": md5(archive), "size": archive.stat().st_size} | wrong)
    with pytest.raises(OSError, match=words):
        download([remote], tmp_path / "new" / "set.tar.gz")
    assert list((tmp_path / "new").iterdir()) == []


def test_mirrors_are_tried_in_order(server, archive, tmp_path):
    address, _, requested = server
    right = Remote(address + "set.tar.gz", md5(archive), archive.stat().st_size)
    cut = Remote(address + "cut.tar.gz", md5(archive), archive.stat().st_size)
    download([cut, right, Remote(address + "never", md5(archive))], tmp_path / "set.tar.gz")
    assert (tmp_path / "set.tar.gz").exists()
    assert not any("never" in line for line in requested)


def test_no_server_at_all(tmp_path):
    with pytest.raises(OSError, match="could not be downloaded"):
        download([Remote("http://127.0.0.1:9/set", "md5:0")], tmp_path / "set")


def test_one_folder_of_an_archive_is_put_in_place(server, archive, tmp_path):
    address, _, _ = server
    remotes = [Remote(address + "set.tar.gz", md5(archive), archive.stat().st_size)]
    folder = download_and_unpack(remotes, tmp_path / "home", "set.tar.gz", "set")
    assert (folder / "deep" / "b.txt").read_bytes() == b"b"
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["set"]


@pytest.mark.parametrize(
    ("name", "files"), [(".", ["other/c.txt", "set/a.txt", "set/deep/b.txt"]), ("set", ["a.txt", "deep/b.txt"])]
)
def test_a_folder_of_an_archive_under_another_name(name, files, server, archive, tmp_path):
    address, _, _ = server
    remotes = [Remote(address + "set.tar.gz", md5(archive), archive.stat().st_size)]
    folder = download_and_unpack(remotes, tmp_path / "home", "set.tar.gz", name, to="mine")
    assert folder == tmp_path / "home" / "mine"
    assert sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.txt")) == files
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["mine"]


def test_what_is_in_the_way_is_kept_and_nothing_downloaded(server, archive, tmp_path):
    address, _, requested = server
    (tmp_path / "home" / "set").mkdir(parents=True)
    (tmp_path / "home" / "set" / "own.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="Move it away"):
        download_and_unpack([Remote(address + "set.tar.gz", md5(archive))], tmp_path / "home", "set.tar.gz", "set")
    assert (tmp_path / "home" / "set" / "own.txt").read_text() == "mine"
    assert requested == []


@pytest.mark.parametrize("name", ["../climbed.txt", "set/../../../climbed.txt", "/tmp/sklaudio-climbed.txt"])
def test_members_that_climb_are_refused(name, server, tmp_path):
    address, folder, _ = server
    archive = write_tar(folder / "set.tar.gz", {"set/a.txt": b"a", name: b"!"})
    remotes = [Remote(address + "set.tar.gz", md5(archive))]
    if name.startswith("/"):  # made relative: it lands inside, and goes with the rest
        download_and_unpack(remotes, tmp_path / "home", "set.tar.gz", "set")
    else:
        with pytest.raises(ValueError, match="was not unpacked"):
            download_and_unpack(remotes, tmp_path / "home", "set.tar.gz", "set")
        assert list((tmp_path / "home").iterdir()) == []
    assert not list(tmp_path.rglob("climbed.txt"))
    from pathlib import Path

    assert not Path("/tmp/sklaudio-climbed.txt").exists()


def test_an_archive_without_the_folder_and_one_that_is_none(server, archive, tmp_path):
    address, folder, _ = server
    with pytest.raises(ValueError, match="holds no folder 'genres'"):
        download_and_unpack([Remote(address + "set.tar.gz", md5(archive))], tmp_path / "home", "set.tar.gz", "genres")
    (folder / "words.tar.gz").write_text("no archive")
    remotes = [Remote(address + "words.tar.gz", md5(folder / "words.tar.gz"))]
    with pytest.raises(ValueError, match="was not unpacked"):
        download_and_unpack(remotes, tmp_path / "home", "words.tar.gz", "set")
    assert list((tmp_path / "home").iterdir()) == []


def test_a_zip_archive_is_unpacked(server, tmp_path):
    address, folder, _ = server
    archive = write_zip(folder / "set.zip", {"set/a.txt": b"a", "set/deep/b.txt": b"b", "other/c.txt": b"c"})
    unpacked = download_and_unpack([Remote(address + "set.zip", sha1(archive))], tmp_path / "home", "set.zip", "set")
    assert (unpacked / "deep" / "b.txt").read_bytes() == b"b"
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["set"]


@pytest.mark.parametrize("damage", ["climbs", "cut", "flipped", "none"])
def test_a_zip_archive_that_is_damaged_leaves_nothing(damage, server, tmp_path):
    address, folder, _ = server
    archive = write_zip(
        folder / "set.zip", {"set/a.txt": b"a" * 1000, "../climbed.txt" if damage == "climbs" else "b": b""}
    )
    content = bytearray(archive.read_bytes())
    if damage == "flipped":
        content[45] ^= 255
    archive.write_bytes({"cut": content[:-30], "none": b"no archive"}.get(damage, content))
    with pytest.raises(ValueError, match=r"set\.zip was not unpacked: .*Nothing of it was kept"):
        download_and_unpack([Remote(address + "set.zip", md5(archive))], tmp_path / "home", "set.zip", "set")
    assert list((tmp_path / "home").iterdir()) == []
    assert not list(tmp_path.rglob("climbed.txt"))


def test_a_tar_archive_that_is_damaged_leaves_nothing(server, archive, tmp_path):
    address, _, _ = server
    content = bytearray(archive.read_bytes())
    content[40] ^= 255
    archive.write_bytes(content)
    with pytest.raises(ValueError, match="was not unpacked"):
        download_and_unpack([Remote(address + "set.tar.gz", md5(archive))], tmp_path / "home", "set.tar.gz", "set")
    assert list((tmp_path / "home").iterdir()) == []


def test_an_archive_put_there_by_hand_is_taken_and_kept(server, archive, tmp_path):
    address, _, requested = server
    put(tmp_path / "home", {"set.tar.gz": archive.read_bytes()})
    remotes = [Remote(address + "else", "md5:" + "0" * 32), Remote(address + "set.tar.gz", md5(archive))]
    folder = download_and_unpack(remotes, tmp_path / "home", "set.tar.gz", "set")
    assert (folder / "a.txt").read_bytes() == b"a"
    assert sorted(path.name for path in (tmp_path / "home").iterdir()) == ["set", "set.tar.gz"]
    assert requested == []


def test_another_archive_put_there_by_hand_is_named(server, archive, tmp_path):
    address, _, requested = server
    put(tmp_path / "home", {"set.tar.gz": b"the first half"})
    with pytest.raises(OSError, match=r"home/set\.tar\.gz is not the archive.*the md5 is .*or move it away"):
        download_and_unpack([Remote(address + "set.tar.gz", md5(archive))], tmp_path / "home", "set.tar.gz", "set")
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["set.tar.gz"]
    assert requested == []


def test_where_data_is_kept(tmp_path, monkeypatch):
    assert get_data_home(tmp_path) == tmp_path
    monkeypatch.setenv("SKLAUDIO_DATA", str(tmp_path / "named"))
    assert get_data_home() == tmp_path / "named"
    monkeypatch.delenv("SKLAUDIO_DATA")
    assert get_data_home().name == "sklaudio_data"
