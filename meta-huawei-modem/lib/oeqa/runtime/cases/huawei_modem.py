# SPDX-License-Identifier: MIT
"""Whether an image goes online with a Huawei stick: for bitbake -c testimage and testexport.

What concerns the image runs on every board. What concerns a stick is skipped, with the reason, where none is
plugged in; what concerns oFono, where the stick is a router (HiLink), which has no modem for it.
"""

import functools
import ipaddress
import json
import time

from oeqa.core.decorator.depends import OETestDepends
from oeqa.runtime.case import OERuntimeTestCase
from oeqa.runtime.decorator.package import OEHasPackage

# Where passwords of the access point, and what daemons remember of a SIM, lie.
SECRETS = (
    "/etc/huawei-modem/config.ini",
    "/etc/huawei-modem/password",
    "/etc/huawei-modem/pin",
    "/var/lib/connman",
    "/var/lib/ofono",
)
# The image's own units; those of a stick come and go.
UNITS = ("ofono.service", "connman.service", "huawei-modem-check-modules.service")
PATIENCE = 120
"""Seconds: how long a command may take on a slow board."""
PING_HOST = "HUAWEI_MODEM_TEST_HOST"
"""The variable of the build with the host to ping, which the stick's network reaches."""
WAIT = "HUAWEI_MODEM_TEST_WAIT"
"""The variable of the build with the seconds that a board has which has just booted; WAIT_S by default."""
WAIT_S = 240
_AGAIN_S = 5
# Not the helper's status: it masks the address that is in the name of many a stick's interface.
SERVICES = "busctl --json=short call net.connman / net.connman.Manager GetServices"


def patiently(case):
    """The case, tried until it passes or the time is over: testimage asks as soon as somebody can log in, and
    a stick that was there at power-on is online a minute later."""

    @functools.wraps(case)
    def tried(self):
        end = time.monotonic() + float(self.tc.td.get(WAIT) or WAIT_S)
        while True:
            try:
                return case(self)
            except AssertionError:
                if time.monotonic() >= end:
                    raise
            time.sleep(_AGAIN_S)

    return tried


def closed(listing):
    """Whether `ls -ldn` says that nobody but the owner reads it, writes it or looks into it."""
    return listing.split()[0][4:10].replace("S", "-") == "------"


class HuaweiModemTest(OERuntimeTestCase):
    """From the modules to the ping, each step by itself."""

    def ask(self, command):
        """What the board prints. The case fails, with the output, when the command does."""
        status, output = self.target.run(command, PATIENCE)
        self.assertEqual(status, 0, msg=f"{command}\n{output}")
        return output

    def facts(self):
        """What the helper sees (docs/dev/facts.md)."""
        return json.loads(self.ask("huawei-modem status --json - 2>/dev/null"))

    def sticks(self):
        """The Huawei devices that are plugged in; skips the case where there is none."""
        found = self.facts()["sticks"]
        if not found:
            self.skipTest("no Huawei stick is plugged into the board")
        return found

    def modems(self):
        """oFono's modems; skips the case where the sticks are no modems."""
        interfaces = [each for stick in self.sticks() for each in stick["interfaces"]]
        if not any(each["function"] in ("modem", "mbim", "pcui") for each in interfaces):
            self.skipTest("the stick is a router (HiLink): oFono has nothing to do with it")
        return self.facts()["ofono"]["modems"]

    def links(self):
        """ConnMan's services of the sticks, as (place among all, state, interface, gateway). The board's
        cable has one too, which comes first where it can."""
        own = set()
        for stick in self.sticks():
            status, names = self.target.run(f"ls -d {stick['path']}/*/net/*", PATIENCE)
            own |= {name.rpartition("/")[2] for name in names.split()} if status == 0 else set()
        found = []
        for place, (_path, service) in enumerate(json.loads(self.ask(SERVICES))["data"][0]):
            values = {name: value["data"] for name, value in service.items()}
            link = values.get("Ethernet", {}).get("Interface", {}).get("data", "")
            if values["Type"] == "cellular" or link in own:
                gateway = values.get("IPv4", {}).get("Gateway", {}).get("data", "")
                found.append((place, values["State"], link, gateway))
        return found

    @OEHasPackage("huawei-modem")
    def test_modules_match_the_kernel(self):
        self.ask("huawei-modem check-modules")

    @OEHasPackage("huawei-modem")
    @patiently
    def test_units_run(self):
        for unit in UNITS:
            self.assertEqual(self.ask(f"systemctl is-active {unit}").strip(), "active", msg=unit)

    @OEHasPackage("huawei-modem")
    def test_no_secret_is_readable(self):
        """By others than their owner. A folder that is open, as ConnMan makes its own, has files that are
        not. By ls, since BusyBox's find may know no -perm."""
        for path in SECRETS:
            status, listing = self.target.run(f"ls -ldn {path}", PATIENCE)
            if status or closed(listing):
                continue
            self.assertTrue(listing.startswith("d"), msg=listing)
            files = self.ask(f"find {path} -type f -exec ls -ldn {{}} \\;").splitlines()
            self.assertEqual([line for line in files if not closed(line)], [])

    @OETestDepends(["huawei_modem.HuaweiModemTest.test_modules_match_the_kernel"])
    @patiently
    def test_stick_has_its_drivers(self):
        for stick in self.sticks():
            self.assertNotEqual(stick["mode"], "storage", msg=stick["usb"] + " was not switched")
            for each in stick["interfaces"]:
                if each["wanted_driver"]:
                    self.assertEqual(each["driver"], each["wanted_driver"], msg=str(each))

    @OETestDepends(["huawei_modem.HuaweiModemTest.test_stick_has_its_drivers"])
    @patiently
    def test_ports_have_labels(self):
        labels = [each["label"] for stick in self.sticks() for each in stick["interfaces"] if each["tty"]]
        if not labels:
            self.skipTest("the stick has no serial ports")
        self.assertIn("modem", labels)

    @OETestDepends(["huawei_modem.HuaweiModemTest.test_stick_has_its_drivers"])
    @patiently
    def test_ofono_has_the_modem_online(self):
        modems = self.modems()
        self.assertTrue(modems, msg="oFono lists no modem")
        self.assertTrue(all(each["powered"] and each["online"] for each in modems), msg=str(modems))

    @OETestDepends(["huawei_modem.HuaweiModemTest.test_stick_has_its_drivers"])
    @patiently
    def test_connman_is_online(self):
        """With the stick's service. ConnMan looks for the Internet through the first alone: behind a cable,
        by which this very test comes, the stick's is ready."""
        links = self.links()
        enough = {"online"} if any(place == 0 for place, *_ in links) else {"online", "ready"}
        self.assertTrue(any(state in enough for _, state, *_ in links), msg=str(links))

    @OETestDepends(["huawei_modem.HuaweiModemTest.test_connman_is_online"])
    def test_ping_over_the_stick(self):
        """Which need not carry the default route: an address has a route of its own for as long."""
        host = self.tc.td.get(PING_HOST) or "8.8.8.8"
        *_, link, gateway = next(each for each in self.links() if each[1] in ("online", "ready"))
        ping = f"ping -c 3 -W 5 -I {link} {host}"
        try:
            address = ipaddress.IPv4Address(host)
        except ValueError:
            self.ask(ping)
            return
        route = f"{address}/32 {f'via {gateway} ' if gateway else ''}dev {link}"
        self.ask(f"(ip route add {route} 2>/dev/null && trap 'ip route del {route}' EXIT; {ping})")

    @OETestDepends(["huawei_modem.HuaweiModemTest.test_modules_match_the_kernel"])
    @patiently
    def test_doctor_says_ok(self):
        self.sticks()
        self.ask("huawei-modem doctor")
