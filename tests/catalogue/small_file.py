"""A catalogue small enough to be read in a test: two procedures, in the plain layout and in the full one."""

PLAIN = """\
version: small
sources:
  - {id: article, title: An article}
  - {id: clinic default, title: Customary}
signs:
  - {code: pits, name: {en: Pits, de: Narben}}
pit_types: [boxcar]
pit_depths: [shallow, deep]
pit_ages: [recent]
groups:
  - {code: peel, name: Peels}
  - {code: home_acid, name: Acids at home}
facts:
  - {code: pregnancy, category: state, kind: episode, recheck: session, name: {en: Pregnancy}}
  - {code: keloid, category: condition, kind: lifelong, recheck: {value: 12, unit: months, source: article}, name: {en: Keloids}}
  - {code: isotretinoin, category: medication, kind: episode, recheck: {value: 3, unit: months}, name: {en: Isotretinoin}}
procedures:
  - code: tca
    kind: clinic
    group: peel
    name: {en: TCA peel, de: TCA-Peeling}
    indications: [pits]
    suits: {signs: [pits], pit_types: [boxcar], pit_depths: [deep], pit_ages: [recent], source: article}
    course:
      min: {value: 3, unit: sessions, source: article}
      recommended: {value: 3, unit: sessions, source: article}
      max: {value: 6, unit: sessions, source: clinic default}
    interval:
      min: {value: 3, unit: months, source: article}
      recommended: {value: 3, unit: months, source: article}
      max: {value: 6, unit: months, source: clinic default}
    on_break: null
    duration:
      setup: {value: 15, unit: minutes, source: clinic default}
      treat: {value: 20, unit: minutes, source: clinic default}
      cleanup: {value: 15, unit: minutes, source: clinic default}
    downtime: {value: 14, unit: days, source: article}
    effect_lasts: {value: 12, unit: months, source: clinic default, note: lasting}
    age: {min: {value: 18, unit: years, source: clinic default}}
    anaesthesia: {method: cream, wait_minutes: 30, source: clinic default}
    needs: {room: room with running water, qualification: physician}
    consent: {required: true, valid_for: {value: 12, unit: months, source: clinic default}}
    parameters:
      - {key: percent, label: Strength, type: number, unit: '%', min: 10, max: 40, required: true, source: article}
    contraindications:
      - {rule: 'ci:tca:pregnancy', fact: pregnancy, severity: temporary, source: article}
      - {rule: 'ci:tca:keloid', fact: keloid, severity: relative, source: article}
      - {fact: isotretinoin, severity: temporary, source: article, washout: {value: 6, unit: months, source: article}}
    precare: {sources: [article], lines: [Stay out of the sun.]}
    aftercare: {sources: [article], lines: [Never pull the crust., Wash with cool water.]}
  - code: acid_home
    kind: home
    group: home_acid
    name: {en: Acid at home}
    course: null
    interval: null
    duration: null
    on_break:
      on_for: {value: 3, unit: months, source: article}
      break_min: {value: 1, unit: months, source: article}
      break_max: {value: 2, unit: months, source: article}
      counts_together: [acid_home]
    regimen: {times: {value: 1, unit: per week}, course: {value: 90, unit: days}, instructions: [Rinse.]}
    contraindications: []
gaps:
  - {after: home_acid, before: peel, min: {value: 3, unit: days}, why: It stings., source: article}
protocols:
  - code: deep_pits
    name: {en: Deep pits}
    for: {signs: [pits]}
    source: article
    steps:
      - {step: 1, procedure: tca, sessions: 3, starts: {after: plan, gap: {value: 0, unit: days}}}
"""

# The same with needs as capabilities, steps with days, and a second device.
FULL = (
    PLAIN.replace(
        "facts:\n",
        "capabilities:\n"
        "  - {code: physician, kind: practitioner, name: {en: Physician}}\n"
        "  - {code: water, kind: room, name: {en: Room with water}}\n"
        "  - {code: fan, kind: device, name: {en: Fan}}\n"
        "  - {code: lamp, kind: device, name: {en: Lamp}}\n"
        "facts:\n",
        1,
    )
    .replace(
        "qualification: physician}",
        "qualification: physician, capabilities: [{kind: practitioner, code: physician}, {kind: room, code: water}, "
        "{kind: device, code: fan}, {kind: device, code: lamp}]}",
    )
    .replace(
        "lines: [Never pull the crust., Wash with cool water.]",
        "steps: [{from_day: 0, to_day: 3, kind: leave, approx: true, text: {en: Never pull the crust., de: Kruste lassen.}}, "
        "{from_day: null, to_day: null, kind: do, text: {en: Wash with cool water.}}]",
    )
)


def changed(old: str, new: str, text: str = FULL) -> str:
    """`text` with its one `old` replaced by `new`."""
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times"
    return text.replace(old, new)
