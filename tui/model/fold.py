"""fold(fleet, event) -> fleet: the only way state changes, in engine, screens and tests alike."""

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

from tui.model.alert import Alert
from tui.model.events import (
    AlertAcknowledged,
    AlertCleared,
    AlertLogged,
    AlertRaised,
    AlertsSilenced,
    AlertsSwitched,
    EngineFound,
    EngineLost,
    Event,
    FleetStarted,
    LinkChanged,
    Noticed,
    PollingSwitched,
    RadioLooked,
    RecordingChanged,
    SampleRead,
    ScreensCounted,
    StorageChanged,
    TrafficCounted,
    TripsForeseen,
)
from tui.model.fleet import NOTES_KEPT, EngineLink, Fleet, Note
from tui.model.sample import Cells, Counters, Identity, Pack, UnitLog
from tui.model.track import Track, flow_of
from tui.model.write_plan import DeskChanged


def fold(fleet: Fleet, event: Event) -> Fleet:
    """The fleet after the event. An event about an unknown track changes nothing but the version."""
    return _FOLDS[type(event)](fleet, event)


def _started(fleet: Fleet, event: FleetStarted) -> Fleet:
    tracks = tuple(Track(setup) for setup in event.setups)
    return replace(
        fleet,
        version=fleet.version + 1,
        tracks=tracks,
        wires=event.wires,
        engine=replace(fleet.engine, pid=event.pid),
    )


def _sample(fleet: Fleet, event: SampleRead) -> Fleet:
    track = fleet.track(event.track)
    if track is None:
        return replace(fleet, version=fleet.version + 1)
    reading, notes = event.reading, fleet.notes
    if isinstance(reading, Pack):
        newer = replace(
            track,
            pack=reading,
            pack_at_s=event.at_s,
            pack_time_ms=event.time_ms,
            pack_frame=event.frame,
            flow=flow_of(track.flow, reading.current_a),
            current_trend=track.current_trend.add(event.at_s, reading.current_a),
            voltage_trend=track.voltage_trend.add(event.at_s, reading.pack_v),
        )
        if newer.battery is not track.battery:
            note = Note(event.time_ms, track.name, f"battery-{newer.battery}")
            notes = _noted(notes, note)
    elif isinstance(reading, Cells):
        newer = replace(
            track,
            cells=reading,
            cells_at_s=event.at_s,
            cells_time_ms=event.time_ms,
            cells_frame=event.frame,
        )
    elif isinstance(reading, Counters):
        newer = replace(track, counters=reading, counters_at_s=event.at_s)
    elif isinstance(reading, UnitLog):
        newer = replace(track, log=reading, log_at_s=event.at_s)
    else:
        newer = replace(track, identity=_merged(track.identity, reading))
    return _with_track(fleet, newer, notes)


def _merged(old: Identity, new: Identity) -> Identity:
    said = {f.name: getattr(new, f.name) for f in fields(new) if getattr(new, f.name) is not None}
    return replace(old, **said)


def _link(fleet: Fleet, event: LinkChanged) -> Fleet:
    track = fleet.track(event.track)
    if track is None:
        return replace(fleet, version=fleet.version + 1)
    notes = fleet.notes
    if event.link.phase is not track.link.phase:
        notes = _noted(notes, Note(event.time_ms, track.name, f"link-{event.link.phase}"))
    return _with_track(fleet, replace(track, link=event.link), notes)


def _traffic(fleet: Fleet, event: TrafficCounted) -> Fleet:
    track = fleet.track(event.track)
    if track is None:
        return replace(fleet, version=fleet.version + 1)
    return _with_track(fleet, replace(track, link=replace(track.link, traffic=event.traffic)), fleet.notes)


def _raised(fleet: Fleet, event: AlertRaised) -> Fleet:
    alert = event.alert
    others = [a for a in fleet.alerts if a.id != alert.id]
    alerts = tuple(sorted((*others, alert), key=_urgency))
    known = any(a.id == alert.id for a in fleet.alerts)
    notes = fleet.notes if known else _noted(fleet.notes, _alert_note(alert, "raised", alert.since_ms))
    return replace(fleet, version=fleet.version + 1, alerts=alerts, notes=notes)


def _urgency(alert: Alert) -> tuple[int, bool, float]:
    """The worst first; of equals what still holds before what is over and only waits, then the oldest."""
    return -alert.severity, alert.ended_ms is not None, alert.since_s


def _cleared(fleet: Fleet, event: AlertCleared) -> Fleet:
    alerts = tuple(a for a in fleet.alerts if a.id != event.alert.id)
    notes = _noted(fleet.notes, _alert_note(event.alert, "cleared", event.time_ms))
    return replace(fleet, version=fleet.version + 1, alerts=alerts, notes=notes)


def _acknowledged(fleet: Fleet, event: AlertAcknowledged) -> Fleet:
    alert = event.alert
    who, when_ms = alert.acknowledged_by, alert.acknowledged_ms
    alerts = tuple(
        replace(a, acknowledged_by=who, acknowledged_ms=when_ms)
        if (a.id, a.number) == (alert.id, alert.number)
        else a
        for a in fleet.alerts
    )
    args = (*_alert_note(alert, "", 0).args, ("who", who))
    notes = _noted(fleet.notes, Note(when_ms or 0, alert.track, "alert-acknowledged", args))
    return replace(fleet, version=fleet.version + 1, alerts=alerts, notes=notes)


def _logged(fleet: Fleet, event: AlertLogged) -> Fleet:
    """What a battery does and how its link is was noted when it happened; only its own log was not."""
    notes, alert = fleet.notes, event.alert
    if alert.key.startswith("unit-"):
        notes = _noted(notes, _alert_note(alert, "raised", alert.since_ms))
    return replace(fleet, version=fleet.version + 1, notes=notes)


def _silenced(fleet: Fleet, event: AlertsSilenced) -> Fleet:
    note = Note(
        event.time_ms, "", "alerts-silenced" if event.until_ms else "alerts-heard", (("who", event.who),)
    )
    return replace(
        fleet, version=fleet.version + 1, silent_until_ms=event.until_ms, notes=_noted(fleet.notes, note)
    )


def _switched(fleet: Fleet, event: AlertsSwitched) -> Fleet:
    return replace(fleet, version=fleet.version + 1, alerts_off=event.off)


def _storage(fleet: Fleet, event: StorageChanged) -> Fleet:
    return replace(fleet, version=fleet.version + 1, is_written=event.is_written)


def _foreseen(fleet: Fleet, event: TripsForeseen) -> Fleet:
    track = fleet.track(event.track)
    if track is None:
        return replace(fleet, version=fleet.version + 1)
    return _with_track(fleet, replace(track, trips=event.trips), fleet.notes)


def _polling(fleet: Fleet, event: PollingSwitched) -> Fleet:
    note = Note(event.time_ms, "", "polling-on" if event.on else "polling-off")
    return replace(fleet, version=fleet.version + 1, polling=event.on, notes=_noted(fleet.notes, note))


def _recording(fleet: Fleet, event: RecordingChanged) -> Fleet:
    note = Note(event.time_ms, "", "recording-on" if event.path else "recording-off")
    notes = _noted(fleet.notes, note)
    return replace(fleet, version=fleet.version + 1, recording=event.path, notes=notes)


def _radio(fleet: Fleet, event: RadioLooked) -> Fleet:
    return replace(fleet, version=fleet.version + 1, radio=event.radio)


def _desk(fleet: Fleet, event: DeskChanged) -> Fleet:
    others = (d for d in fleet.desks if d.track != event.desk.track)
    return replace(fleet, version=fleet.version + 1, desks=(*others, event.desk))


def _noticed(fleet: Fleet, event: Noticed) -> Fleet:
    note = Note(event.time_ms, event.track, event.key, event.args)
    return replace(fleet, version=fleet.version + 1, notes=_noted(fleet.notes, note))


def _screens(fleet: Fleet, event: ScreensCounted) -> Fleet:
    return replace(
        fleet, version=fleet.version + 1, screens=event.screens, dropped_events=event.dropped_events
    )


def _lost(fleet: Fleet, event: EngineLost) -> Fleet:
    first = fleet.engine.lost_at_s if not fleet.engine.attached else event.at_s
    engine = replace(
        fleet.engine, attached=False, lost_at_s=first, retry_at_s=event.retry_at_s, cause=event.cause
    )
    return replace(fleet, version=fleet.version + 1, engine=engine)


def _found(fleet: Fleet, event: EngineFound) -> Fleet:
    return replace(
        fleet, version=fleet.version + 1, engine=EngineLink(pid=event.pid, offset_s=event.offset_s)
    )


def _with_track(fleet: Fleet, newer: Track, notes: tuple[Note, ...]) -> Fleet:
    tracks = tuple(newer if t.name == newer.name else t for t in fleet.tracks)
    return replace(fleet, version=fleet.version + 1, tracks=tracks, notes=notes)


def _noted(notes: tuple[Note, ...], note: Note) -> tuple[Note, ...]:
    return (note, *notes)[:NOTES_KEPT]


def _alert_note(alert: Alert, what: str, time_ms: int) -> Note:
    args = (("alert", alert.key), ("where", str(alert.where or "")))
    return Note(time_ms, alert.track, f"alert-{what}", args)


_FOLDS: dict[type[Any], Callable[[Fleet, Any], Fleet]] = {
    FleetStarted: _started,
    SampleRead: _sample,
    LinkChanged: _link,
    TrafficCounted: _traffic,
    AlertRaised: _raised,
    AlertCleared: _cleared,
    AlertAcknowledged: _acknowledged,
    AlertLogged: _logged,
    AlertsSilenced: _silenced,
    AlertsSwitched: _switched,
    StorageChanged: _storage,
    TripsForeseen: _foreseen,
    PollingSwitched: _polling,
    RecordingChanged: _recording,
    RadioLooked: _radio,
    DeskChanged: _desk,
    Noticed: _noticed,
    ScreensCounted: _screens,
    EngineLost: _lost,
    EngineFound: _found,
}
