"""Tests of moto's S3 and the addresses that it answers."""

from moto.s3.models import S3Backend

from rcl_flow.emulator.testing import emulated_aws


def _backend() -> S3Backend:
    return S3Backend("us-east-1", "123456789012")


def test_s3_knows_its_addresses_while_the_emulator_is_installed() -> None:
    """They are those that moto finds by itself, from a module that is loaded once."""
    alone = list(_backend().urls)
    with emulated_aws():
        first, second = _backend()._url_module.url_paths, _backend()._url_module.url_paths
        assert list(_backend().urls) == alone
    assert first is second


def test_s3_gets_its_own_way_back() -> None:
    """Without the emulator moto loads its addresses anew, as it always did."""
    with emulated_aws():
        pass
    first, second = _backend()._url_module.url_paths, _backend()._url_module.url_paths
    assert first is not second
    assert list(first) == list(second)
