"""``python -m nitro.cli``."""

from nitro.cli.program import main

if __name__ == "__main__":
    main()
