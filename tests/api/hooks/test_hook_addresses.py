"""Where a hook may lead: tables of addresses that lead inside, and what the operator may allow."""

from ipaddress import ip_address, ip_network

import pytest

from ledger.errors import InputError
from ledger_api.hooks.addresses import Reach, Target, checked, target_of

OUT = Reach()
HOME = Reach((ip_network("127.0.0.0/8"), ip_network("10.1.0.0/16"), ip_network("fd00:1::/32")), frozenset({443, 8080}))
BY_TLS = Target("https", "hooks.test", 443, "/")
PLAIN = Target("http", "hooks.test", 8080, "/")

BAD_URLS = {
    "plain": "http://hooks.test/",
    "plain to this machine, which nobody named": "http://127.0.0.1:443/",
    "another scheme": "ftp://hooks.test/",
    "a file": "file:///etc/passwd",
    "a socket": "gopher://hooks.test:443/_x",
    "no scheme": "//hooks.test/",
    "no host": "https:///x",
    "a user": "https://user@hooks.test/",
    "a user that looks like a host": "https://hooks.test:443@127.0.0.1/",
    "an empty user": "https://@hooks.test/",
    "a fragment": "https://hooks.test/#x",
    "another port": "https://hooks.test:22/",
    "port nought": "https://hooks.test:0/",
    "a port beyond": "https://hooks.test:65536/",
    "a port of letters": "https://hooks.test:https/",
    "a backslash": "https://hooks.test\\@127.0.0.1/",
    "a blank": "https://hooks.test/a b",
    "a line end": "https://hooks.test/\r\nHost: x",
    "a tabulator": "https://hooks\t.test/",
    "a name that is not ASCII": "https://民政.test/",
    "a dot that is not ASCII": "https://127\u30020\u30020\u30021/",
    "an escaped host": "https://%31%32%37.0.0.1/",
    "a scope": "https://[fe80::1%25eth0]/",
    "a very long one": "https://hooks.test/" + "x" * 500,
    "half a bracket": "https://[::1/",
}


@pytest.mark.parametrize("how", BAD_URLS)
def test_an_address_of_another_form_is_refused(how: str) -> None:
    with pytest.raises(InputError, match="E_HOOK_URL"):
        target_of(BAD_URLS[how], OUT)


WHY = {
    "a user": ("含有用户名或 #", "it holds a user or a #"),
    "another port": ("端口 22 不在 hook_ports 之内,其中只有 443", "port 22 is not in hook_ports, which has 443"),
    "a port of letters": ("写法不是网址", "this is no URL"),
    "a blank": ("不得有空格和反斜杠", "no blank and no backslash"),
    "no host": ("应写成 https://主机/路径", "it should be https://host/path"),
    "plain": ("端口 80 不在 hook_ports 之内", "port 80 is not in hook_ports"),
    "plain to this machine, which nobody named": ("hook_networks 没有列明本机", "hook_networks does not name it"),
}


@pytest.mark.parametrize("how", WHY)
def test_what_is_wrong_with_an_address_is_said_in_words(how: str) -> None:
    with pytest.raises(InputError) as found:
        target_of(BAD_URLS[how], OUT)
    for language, words in zip(("zh", "en"), WHY[how], strict=True):
        assert words in found.value.message(language)


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1/", "https://[::1]/", "https://169.254.169.254/a", "https://10.0.0.8/"]
)
def test_a_number_inside_is_refused_when_the_hook_is_made(url: str) -> None:
    """No name has to be resolved to know it: nobody is to wait five days for the first attempt to be refused."""
    with pytest.raises(InputError, match="E_HOOK_ADDRESS"):
        target_of(url, OUT)
    assert target_of("https://93.184.215.14/a", OUT).host == "93.184.215.14"


def test_an_address_is_taken_apart() -> None:
    assert target_of("https://Hooks.Test/a/b?c=d", OUT) == Target("https", "hooks.test", 443, "/a/b?c=d")
    assert target_of("https://hooks.test:8443", OUT) == Target("https", "hooks.test", 8443, "/")
    assert target_of("http://127.0.0.1:8080/x", HOME) == Target("http", "127.0.0.1", 8080, "/x")
    six = target_of("https://[2606:4700::1]/", OUT)
    assert (six.host, six.authority) == ("2606:4700::1", "[2606:4700::1]")
    assert six.at(checked("2606:4700::1", six, OUT)) == "https://[2606:4700::1]:443/"


INSIDE = {
    "loopback": "127.0.0.1",
    "loopback, the other end": "127.255.255.254",
    "this host": "0.0.0.0",
    "this network": "0.1.2.3",
    "private 10": "10.1.2.3",
    "private 172": "172.16.0.1",
    "private 172, the other end": "172.31.255.255",
    "private 192": "192.168.1.1",
    "shared (RFC 6598)": "100.64.0.1",
    "link-local": "169.254.0.1",
    "the cloud's own": "169.254.169.254",
    "protocol assignments": "192.0.0.8",
    "documentation": "192.0.2.1",
    "benchmarks": "198.18.0.1",
    "relays": "192.88.99.1",
    "multicast": "224.0.0.1",
    "reserved": "240.0.0.1",
    "broadcast": "255.255.255.255",
    "loopback in v6": "::1",
    "nothing in v6": "::",
    "mapped loopback": "::ffff:127.0.0.1",
    "mapped private": "::ffff:10.0.0.1",
    "mapped cloud": "::ffff:169.254.169.254",
    "compatible loopback": "::127.0.0.1",
    "translated loopback (RFC 6052)": "64:ff9b::7f00:1",
    "translated at home (RFC 8215)": "64:ff9b:1::a00:1",
    "6to4 of a private one": "2002:a00:1::1",
    "Teredo": "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "unique local": "fd12:3456::1",
    "link-local in v6": "fe80::1",
    "link-local with a scope": "fe80::1%eth0",
    "site-local": "fec0::1",
    "multicast in v6": "ff02::1",
    "documentation in v6": "2001:db8::1",
    "more documentation in v6": "3fff::1",
    "protocol assignments in v6": "2001:10::1",
    "discard": "100::1",
    "no address": "localhost",
    "an octal one": "0177.0.0.1",
    "a short one": "127.1",
    "a number": "2130706433",
}


@pytest.mark.parametrize("how", INSIDE)
def test_an_address_inside_is_not_connected_to(how: str) -> None:
    with pytest.raises(InputError, match="E_HOOK_ADDRESS"):
        checked(INSIDE[how], BY_TLS, OUT)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:4700::1", "::ffff:93.184.216.34"])
def test_a_public_address_is_connected_to(address: str) -> None:
    assert checked(address, BY_TLS, OUT) == ip_address(address.removeprefix("::ffff:"))


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.255.255", "fd00:1::1", "::ffff:10.1.0.1"])
def test_a_network_that_the_operator_named_is_connected_to(address: str) -> None:
    assert checked(address, BY_TLS, HOME) == ip_address(address.removeprefix("::ffff:"))


EVERYTHING = Reach((ip_network("0.0.0.0/0"), ip_network("::/0")))


@pytest.mark.parametrize(
    "address", ["169.254.169.254", "224.0.0.1", "0.0.0.0", "255.255.255.255", "fe80::1", "ff02::1", "::", "fe80::1%1"]
)
def test_what_is_no_ones_in_particular_cannot_be_named(address: str) -> None:
    with pytest.raises(InputError, match="E_HOOK_ADDRESS"):
        checked(address, BY_TLS, EVERYTHING)


@pytest.mark.parametrize("address", ["10.1.0.1", "93.184.216.34", "fd00:1::1"])
def test_plainly_one_speaks_to_this_machine_only(address: str) -> None:
    assert str(checked("127.0.0.1", PLAIN, HOME)) == "127.0.0.1"
    with pytest.raises(InputError, match="E_HOOK_ADDRESS"):
        checked(address, PLAIN, HOME)
