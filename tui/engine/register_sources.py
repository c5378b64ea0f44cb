"""Other images: a file, the other track, a preset, a backup."""

from collections.abc import Callable

from tui.engine.registers import Other
from tui.model.link import Cause
from tui.model.register import Device, Image
from tui.model.register_archive import PresetInfo
from tui.model.register_review import Change, Problem, Source, SourceKind
from tui.protocols import presets
from tui.protocols.parameters import BadValueError, Table, checked, patched
from tui.store import register_files
from tui.store.backups import BackupStore
from tui.store.register_files import RegisterFileError

TrackImage = Callable[[str], tuple[Device, Image]]


def presets_for(family: str) -> tuple[PresetInfo, ...]:
    """The presets of a family."""
    return tuple(preset.info for preset in presets.PRESETS if preset.family == family)


def other_of(
    source: Source,
    table: Table,
    image: Image,
    track: str,
    store: BackupStore | None,
    track_image: TrackImage,
) -> Other:
    """What a source holds, for a device with that image. Raises RegisterFileError when there is none."""
    match source.kind:
        case SourceKind.FILE:
            return _of_file(source.text, table, image)
        case SourceKind.TRACK:
            device, other = track_image(source.name)
            return Other(device, other)
        case SourceKind.BACKUP:
            backup = store.find(track, source.name) if store is not None else None
            if backup is None:
                raise RegisterFileError("backup-unknown", ("id", source.name))
            return Other(backup.device, backup.image)
    preset = presets.find(source.name, table.family)
    if preset is None:
        raise RegisterFileError("preset-unknown", ("name", source.name))
    problems = (Problem(Cause("reg-preset-check"), is_error=False),) if not preset.words else ()
    return Other(Device(table.family), presets.image_of(preset, table, image), problems)


def _of_file(text: str, table: Table, image: Image) -> Other:
    """An unknown register stops everything: half a file is no file."""
    file = register_files.read(text, table, image)
    found = dict(file.image)
    problems = [Problem(Cause("reg-unknown", (("register", name),))) for name in file.unknown]
    for change in file.changes:
        problem = _take(table, found, image, change)
        problems += [problem] if problem is not None else []
    return Other(file.device, found, tuple(problems))


def _take(table: Table, found: Image, image: Image, change: Change) -> Problem | None:
    register = table.find(change.key)
    assert register is not None
    data = found.get(register.number, image.get(register.number))
    if data is None:
        return Problem(Cause("reg-absent", (("register", register.address),)), change.key, is_error=False)
    effective = table.effective(register, image | found)
    try:
        found[register.number] = patched(effective, data, checked(effective, change.value))
    except BadValueError as error:
        return Problem(error.cause, change.key)
    return None
