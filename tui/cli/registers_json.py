"""Parameters as JSON: plain values, units beside them, null for what is not known."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import click

from tui.cli.refusal import words
from tui.locale import say
from tui.model.link import Cause
from tui.model.register import CommandForm, Device, RegisterPage, RegisterValue
from tui.model.register_archive import Backup, ChangeLogEntry, PresetInfo
from tui.model.register_review import Problem, Review
from tui.model.write_plan import CommandResult, WritePlan

SCHEMA = 1


def print_json(document: dict[str, Any]) -> None:
    """One document on standard output."""
    click.echo(json.dumps({"schema": SCHEMA} | document, indent=2, ensure_ascii=False))


def device_json(device: Device) -> dict[str, Any]:
    """Whose parameters; null for what is not known."""
    return {name: value or None for name, value in asdict(device).items()}


def cause_json(cause: Cause | None) -> dict[str, Any] | None:
    """Why: a word for programs and a sentence for people."""
    return None if cause is None else {"key": cause.key, "sentence": words(cause)}


def page_json(page: RegisterPage, rows: Sequence[RegisterValue]) -> dict[str, Any]:
    """Row S1-53: the parameters, each with its range as it follows from the others."""
    return {
        "track": page.track,
        "device": device_json(page.device),
        "read_timestamp_ms": page.read_ms,
        "digest": page.digest,
        "registers": [row_json(row) for row in rows],
    }


def row_json(row: RegisterValue) -> dict[str, Any]:
    """One parameter."""
    register = row.register
    return {
        "key": row.key,
        "register": register.address,
        "name": say(register.sentence),
        "value": row.value,
        "unit": register.unit or None,
        "low": row.low,
        "high": row.high,
        "bound_by": list(row.bound_by),
        "kind": register.kind.value,
        "choices": [{"value": choice.value, "text": choice.text} for choice in register.choices],
        "category": register.category.value,
        "tab": register.tab.value,
        "access": register.access.value,
        "danger": register.danger.value,
        "default": register.default,
        "raw": row.raw or None,
        "absent": row.absent,
        "reason": cause_json(row.cause),
    }


def review_json(review: Review) -> dict[str, Any]:
    """What would be written, or how two images differ."""
    return {
        "track": review.track,
        "device": device_json(review.device),
        "other": device_json(review.other),
        "ok": review.ok,
        "registers_to_write": review.steps,
        "changes": [
            {
                "key": row.register.key,
                "register": row.register.address,
                "old": row.here,
                "new": row.there,
                "unit": row.register.unit or None,
                "raw_old": row.raw_here,
                "raw_new": row.raw_there,
                "danger": row.register.danger.value,
            }
            for row in review.rows
        ],
        "problems": [problem_json(problem) for problem in review.problems],
    }


def problem_json(problem: Problem) -> dict[str, Any]:
    """One thing that stands against it, or that should be looked at."""
    return {"key": problem.key or None, "error": problem.is_error, "cause": cause_json(problem.cause)}


def plan_json(plan: WritePlan) -> dict[str, Any]:
    """What became of a plan, register by register."""
    return {
        "plan": plan.id,
        "track": plan.track,
        "result": plan.state.value,
        "backup": plan.backup or None,
        "who": plan.who or None,
        "cause": cause_json(plan.cause),
        "steps": [
            {
                "register_number": step.number,
                "keys": list(step.keys),
                "raw_old": step.old,
                "raw_new": step.new,
                "raw_found": step.found or None,
                "state": step.state.value,
                "cause": cause_json(step.cause),
            }
            for step in plan.steps
        ],
    }


def backup_json(backup: Backup) -> dict[str, Any]:
    """One backup, without its data."""
    return {
        "id": backup.id,
        "track": backup.track,
        "timestamp_ms": backup.at_ms,
        "device": device_json(backup.device),
        "reason": backup.reason,
        "note": backup.note or None,
    }


def preset_json(preset: PresetInfo) -> dict[str, Any]:
    """One preset; null where it does not say."""
    return {
        "name": preset.name,
        "family": preset.family,
        "cells": preset.cells or None,
        "current_a": preset.current_a or None,
        "registers": preset.registers,
    }


def log_json(entry: ChangeLogEntry) -> dict[str, Any]:
    """One line of the change log."""
    return {
        "timestamp_ms": entry.at_ms,
        "track": entry.track,
        "who": entry.who or None,
        "screen": entry.screen or None,
        "key": entry.key,
        "register_number": entry.number,
        "old": entry.old or None,
        "new": entry.new or None,
        "result": entry.result,
        "plan": entry.plan or None,
        "cause": cause_json(entry.cause),
    }


def form_json(form: CommandForm) -> dict[str, Any]:
    """One command that this device knows."""
    return {
        "name": form.name,
        "choices": [choice.text for choice in form.choices],
        "unit": form.unit or None,
        "low": form.low,
        "high": form.high,
        "danger": form.danger.value,
    }


def result_json(result: CommandResult) -> dict[str, Any]:
    """What a command came to (row S1-59)."""
    return {
        "track": result.track,
        "command": result.name,
        "ok": result.ok,
        "requested": result.requested or None,
        "actual": result.actual or None,
        "reasons": list(result.reasons),
        "cause": cause_json(result.cause),
    }
