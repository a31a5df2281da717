"""Run the benches: `python -m bench`. Each prints ratios measured in one run, never a verdict."""

from bench import series


def main() -> None:
    series.main()


if __name__ == "__main__":
    main()
