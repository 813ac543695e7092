#!/bin/sh
# Builds the worker's zip for AWS Lambda.
#
#   sh infra/build_lambda.sh [REQUIREMENT] [ZIP]
#
# REQUIREMENT: what pip installs: this checkout (the default), a wheel, or rcl-flow==VERSION.
# ZIP: where to put the archive (build/rcl-flow-worker.zip).
#
# Environment: PYTHON (python3), ARCH x86_64 or arm64, LAMBDA_PYTHON 3.13 (the template's Runtime),
# CONSTRAINTS a file of pinned versions (a checkout's own by default), WITH_BOTO3=1 to bring the SDK along instead of using the
# runtime's own.
#
# The same requirement and constraints give the same bytes.
set -eu

PYTHON="${PYTHON:-python3}"
ARCH="${ARCH:-x86_64}"
LAMBDA_PYTHON="${LAMBDA_PYTHON:-3.13}"
requirement="${1:-$(dirname "$0")/..}"
zip="${2:-build/rcl-flow-worker.zip}"

# Source: AWS Lambda developer guide, quotas: a function unzipped, in bytes.
limit=262144000

case "$ARCH" in
  x86_64) platform=manylinux2014_x86_64; newer=manylinux_2_28_x86_64 ;;
  arm64) platform=manylinux2014_aarch64; newer=manylinux_2_28_aarch64 ;;
  *) echo "ARCH is $ARCH; give x86_64 or arm64." >&2; exit 2 ;;
esac

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM

# The package itself is pure Python, and only wheels can be taken for another platform.
if [ -d "$requirement" ]; then
  if [ -z "${CONSTRAINTS:-}" ] && [ -f "$requirement/constraints.txt" ]; then
    CONSTRAINTS="$requirement/constraints.txt"
  fi
  "$PYTHON" -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir "$work/wheel" "$requirement"
  requirement=$(echo "$work"/wheel/*.whl)
fi

set -- --quiet --disable-pip-version-check --no-compile --target "$work/function" --only-binary=:all: \
  --platform "$platform" --platform "$newer" --implementation cp --python-version "$LAMBDA_PYTHON"
if [ -n "${CONSTRAINTS:-}" ]; then
  set -- "$@" --constraint "$CONSTRAINTS"
fi
"$PYTHON" -m pip install "$@" "$requirement"

cd "$work/function"
# The runtime brings these; what they alone need goes with them.
if [ -z "${WITH_BOTO3:-}" ]; then
  rm -rf boto3 boto3-* botocore botocore-* s3transfer s3transfer-*
fi
# No use in a function: scripts, byte code of another Python, tests of libraries.
rm -rf bin
find . -type d \( -name __pycache__ -o -name tests \) -prune -exec rm -rf {} +
# What pip notes of this installation: where the wheel lay, and the digest of that note.
find . -path './*.dist-info/*' \( -name direct_url.json -o -name RECORD \) -exec rm -f {} +
cd - >/dev/null

mkdir -p "$(dirname "$zip")"
"$PYTHON" - "$work/function" "$zip" "$limit" <<'END'
"""Zip a folder so that the same files give the same bytes, and say how large it is."""
import hashlib, pathlib, sys, zipfile

folder, target, limit = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), int(sys.argv[3])
files = sorted(path for path in folder.rglob("*") if path.is_file())
unzipped = sum(path.stat().st_size for path in files)
if not (folder / "rcl_flow" / "worker" / "handler.py").is_file():
    sys.exit("The package has no rcl_flow/worker/handler.py, which the template calls.")
if unzipped > limit:
    sys.exit(f"Unzipped it has {unzipped:,} bytes; Lambda takes {limit:,}.")
with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
    for path in files:
        entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), (1980, 1, 1, 0, 0, 0))
        entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
        archive.writestr(entry, path.read_bytes())
digest = hashlib.sha256(target.read_bytes()).hexdigest()
print(f"{target}: {target.stat().st_size / 1e6:.1f} MB, unzipped {unzipped / 1e6:.1f} MB of 262.1 MB")
print(f"sha256 {digest}")
END
