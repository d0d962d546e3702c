"""Addresses of agencies: private networks yes; this machine and a cloud's inner services no."""

import pytest

from engine.agency_address import check_address, check_number
from engine.errors import Invalid

FINE = [
    "https://si.example.gov.cn/retire",
    "http://10.1.2.3:8080",
    "http://192.168.0.9/api",
    "http://172.16.0.1",
    "http://[fd12:3456::1]:8443/x",
    "http://203.0.113.7",
]
HERE = [
    "http://127.0.0.1:8010",
    "http://127.9.9.9",
    "http://localhost",
    "http://LOCALHOST.",
    "http://agency.localhost",
    "http://[::1]:80",
    "http://[::ffff:127.0.0.1]",
    "http://[64:ff9b::7f00:1]",
    "http://[2002:7f00:1::]",
    "http://127.1",
    "http://2130706433",
    "http://0x7f000001",
    "http://0177.0.0.1",
]
NOWHERE = [
    "http://169.254.169.254/latest/meta-data",
    "http://[::ffff:169.254.169.254]",
    "http://0xa9fea9fe",
    "http://2852039166",
    "http://100.100.100.200/latest",
    "http://168.63.129.16",
    "http://[fd00:ec2::254]",
    "http://[fe80::1]",
    "http://[fe80::1%25eth0]",
    "http://0.0.0.0",
    "http://[::]",
    "http://224.0.0.1",
    "http://[ff02::1]",
    "http://255.255.255.255",
    "http://240.0.0.1",
]
NO_ADDRESS = [
    "",
    "x",
    "ftp://host",
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_x",
    "javascript:alert(1)",
    "//host",
    "http://",
    "http://user@host",
    "http://user:word@host",
    "http://@host",
    "http://host?x=1",
    "http://host#x",
    "http://host:99999",
    "http://host:x",
    "http://[::1",
    "http://ho\nst",
    "unix:///run/x.sock",
]


@pytest.mark.parametrize("address", FINE)
def test_an_agency_may_be_there(address: str) -> None:
    check_address(address, loopback=False)


@pytest.mark.parametrize("address", HERE)
def test_this_machine_is_for_demonstrations_only(address: str) -> None:
    check_address(address, loopback=True)
    with pytest.raises(Invalid, match="本机"):
        check_address(address, loopback=False)


@pytest.mark.parametrize("address", NOWHERE)
def test_what_a_cloud_or_a_network_keeps_for_itself_is_refused(address: str) -> None:
    for loopback in (True, False):
        with pytest.raises(Invalid) as refused:
            check_address(address, loopback=loopback)
        assert set(refused.value.errors) == {"endpoint"}


@pytest.mark.parametrize("address", NO_ADDRESS)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(Invalid, match="开头"):
        check_address(address, loopback=True)


def test_a_number_is_looked_at_again_before_connecting() -> None:
    check_number("10.0.0.1", loopback=False)
    for number in ("169.254.169.254", "fe80::1%eth0", "127.0.0.1"):
        with pytest.raises(Invalid):
            check_number(number, loopback=False)
