"""Run the benches: `python -m bench`. Each prints times and ratios measured in one run, never a verdict."""

from bench import impact, series


def main() -> None:
    series.main()
    impact.main()


if __name__ == "__main__":
    main()
