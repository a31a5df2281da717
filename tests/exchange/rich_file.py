"""A catalogue file that uses every field of the layout, each with a value that is not its default."""

RICH = """\
version: rich
status: For the tests
sources:
  - {id: article, title: An article, url: 'https://example.com/a', background: true}
  - {id: leaflet, title: A leaflet}
  - {id: clinic default, title: Customary}
severities:
  - {code: absolute, verdict: refuse, overridable: false}
  - {code: relative, verdict: caution, overridable: true}
signs:
  - {code: pits, name: {en: Pits, ru: Ямки, es: Hoyuelos, de: Narben}}
  - {code: marks, name: Marks}
pit_types:
  - {code: boxcar, name: {en: Boxcar, de: Kasten}}
pit_depths:
  - {code: deep, name: {en: Deep, de: Tief}}
pit_ages:
  - {code: old, name: {en: Old, de: Alt}}
groups:
  - {code: peel, name: Peels}
  - {code: home_acid, name: Acids at home}
capabilities:
  - {code: physician, kind: practitioner, name: Physician}
  - {code: water, kind: room, name: Room with water}
  - {code: fan, kind: device, name: Fan}
facts:
  - {code: keloid, category: condition, kind: lifelong, recheck: {value: 12, unit: months, source: article}, name: Keloids}
  - code: pregnancy
    category: state
    kind: episode
    recheck: session
    name: {en: Pregnancy, de: Schwangerschaft}
    order: 10
    question: {en: I am pregnant, de: Ich bin schwanger}
    hint: {en: or may be}
    end_question: {en: When did it end?}
    former_codes: [gravidity, expecting]
  - {code: phototype_4, category: state, kind: derived, recheck: never, name: Type IV, asked_by: practitioner}
  - {code: with_child, category: state, kind: episode, recheck: {value: 3, unit: weeks}, name: With child, merged_into: pregnancy}
procedures:
  - code: tca
    kind: clinic
    group: peel
    name: {en: TCA peel, ru: ТСА, de: TCA-Peeling}
    home_allowed: true
    indications: [{en: pits, de: Narben}, marks]
    suits: {signs: [pits, marks], pit_types: [boxcar], pit_depths: [deep], pit_ages: [old], source: article}
    useless_for: {signs: [marks], pit_types: [boxcar], pit_depths: [deep], pit_ages: [old], source: leaflet, why: {en: Too shallow., de: Zu flach.}}
    course:
      min: {value: 3, unit: sessions, source: article, note: at least}
      recommended: {value: 4, unit: sessions, note: without a source}
      max: {value: 6, unit: sessions}
    interval:
      min: {value: 3, unit: weeks, source: article, note: healed}
      recommended: {value: 1, unit: months, source: leaflet}
      max: {value: 90, unit: days, source: clinic default}
    on_break:
      on_for: {value: 3, unit: months, source: article}
      break_min: {value: 1, unit: months, source: article}
      break_max: {value: 2, unit: months, source: leaflet, note: advised}
      counts_together: [acid_home, tca]
    regimen:
      times: {value: 2, unit: per day, source: article, note: sources differ}
      course: {value: 21, unit: days, source: leaflet}
      instructions: [{en: Rinse., de: Abwaschen.}, Dry.]
    duration:
      setup: {value: 15, unit: minutes, source: clinic default}
      treat: {value: 20, unit: minutes, source: article, note: about}
      cleanup: {value: 5, unit: minutes}
    downtime: {value: 0, unit: days, source: article, note: none at all}
    effect_lasts: {value: null, unit: months, source: clinic default, note: lasting}
    age:
      min: {value: 18, unit: years, source: article}
      caution_from: {value: 65, unit: years, source: leaflet, note: thin skin}
    anaesthesia: {method: {en: cream, de: Creme}, wait_minutes: 30, source: article, method_source: leaflet, note: under film}
    needs:
      room: room with running water
      device: {en: fan, de: Ventilator}
      qualification: physician
      capabilities:
        - {kind: room, code: water}
        - {kind: practitioner, code: physician, from_minute: 10, to_minute: 40}
        - {kind: device, code: fan}
    consent: {required: true, valid_for: {value: 12, unit: months, source: clinic default, note: then anew}}
    patch_test:
      code: PT-PEEL
      required: true
      read_after: {value: 2, unit: days, source: article}
      valid_for: {value: 6, unit: months, source: leaflet, note: longer than that nobody knows}
      renewed_by_session: true
      note: Behind the ear.
    parameters:
      - {key: percent, label: {en: Strength, de: Stärke}, type: number, unit: '%', min: 10, max: 40.5, required: true, source: article}
      - {key: endpoint, label: End point, type: choice, choices: [none, frost, 3], required: false}
    contraindications:
      - {fact: pregnancy, severity: absolute, source: article, note: not at all}
      - {fact: keloid, severity: relative}
      - {fact: phototype_4, severity: temporary, source: leaflet, washout: {value: 6, unit: months, source: article, note: sources differ}}
      - {fact: with_child, severity: temporary, source: article, washout: {value: 2, unit: weeks}}
    precare:
      sources: [leaflet, article]
      steps:
        - {from_day: -28, to_day: 0, kind: do, text: {en: Stay out of the sun., de: Keine Sonne.}}
    aftercare:
      sources: [article, clinic default]
      steps:
        - {from_day: 0, to_day: 3, kind: leave, approx: true, text: {en: Never pull the crust., de: Kruste lassen.}}
        - {from_day: 5, to_day: null, kind: next, text: Sunscreen.}
        - {kind: call, text: Call us for fever.}
    more_sources:
      - {path: name, source: article, note: as printed}
      - {path: patch_test.required, note: the clinic's custom}
    retired_on: 2026-05-01
  - code: acid_home
    kind: home
    group: home_acid
    name: Acid at home
    course: null
    interval: null
    duration: null
    contraindications: []
gaps:
  - {after: home_acid, before: peel, min: {value: 3, unit: days}, why: {en: It stings., de: Es brennt.}, source: article}
  - {after_procedure: tca, before: home_acid, min: {value: 2, unit: weeks}, why: It stings., source: leaflet}
  - {after: peel, before_procedure: tca, min: {value: 1, unit: months}, why: It stings., source: leaflet}
protocols:
  - code: deep_pits
    name: {en: Deep pits, de: Tiefe Narben}
    for: {signs: [pits], pit_depths: [deep], source: leaflet}
    source: article
    note: The order is customary.
    steps:
      - {step: 1, procedure: acid_home, days: 90, starts: {after: plan, gap: {value: 0, unit: days}}}
      - {step: 2, procedure: tca, sessions: 3, optional: true, starts: {after: end of step 1, gap: {value: 14, unit: days, source: article, note: healed}}}
    retired_on: 2026-06-01
"""
