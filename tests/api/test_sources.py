"""Every number that the interface tells of a procedure stands with its source."""

from collections.abc import Iterator
from typing import Any

from django.test import Client


def numbers(value: Any, place: str = "") -> Iterator[str]:
    """The places of all numbers in `value`: "interval.min". A bare 0 is no statement; a parameter is told whole."""
    if isinstance(value, dict) and value.keys() != {"value", "unit"}:
        for key, part in value.items():
            yield from numbers(part, f"{place}.{key}" if place else key)
    elif isinstance(value, list):
        for part in value:
            whole = f"parameters.{part['key']}" if place == "parameters" else ""
            yield from {whole or found for found in numbers(part, place)}
    elif isinstance(value, dict) or (type(value) is int and value):
        yield place


def test_every_number_of_the_product_is_told_with_its_source(catalogue: None, caller: Client):
    listed = caller.get("/api/v1/procedures").json()["procedures"]
    assert len(listed) == 24
    told, without = 0, []
    for one in listed:
        code = one["code"]
        said = caller.get(f"/api/v1/procedures/{code}").json()
        backed = {stated["address"] for stated in said["stated"] if stated["source"]}
        places = [f"{code}/{place}" for place in numbers(said["values"])]
        places += [
            f"{code}/contraindications.{line['fact']}.washout"
            for line in said["contraindications"]
            if line["washout"]
        ]
        places += [gap["rule"].replace("gap:", "gaps/") for gap in said["gaps"]]
        told += len(places)
        without += [place for place in places if place not in backed]
        assert said["sources"].keys() == {stated["source"] for stated in said["stated"]} - {""}
    assert told > 500
    assert without == []
