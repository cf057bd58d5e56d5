package dev.pinnace.linux.net.nft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.net.NetworkNamespace;
import dev.pinnace.linux.net.netlink.NetlinkSocket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What nft(8) reads of the rules that were made, in a namespace of its own. */
class NftTest {
  private Fd namespace;
  private NetlinkSocket socket;

  @BeforeEach
  void makeNamespace() throws IOException {
    assumeTrue(Files.getOwner(Path.of("/proc/self")).getName().equals("root"), "needs root");
    assumeTrue(Files.exists(Path.of("/usr/sbin/nft")), "needs nft (nftables)");
    namespace = NetworkNamespace.create();
    socket = NetlinkSocket.open(NetlinkSocket.NETFILTER, namespace);
  }

  @AfterEach
  void close() {
    if (socket != null) {
      socket.close();
      namespace.close();
    }
  }

  private String rules() throws Exception {
    Process nft =
        new ProcessBuilder(
                "/usr/bin/nsenter",
                "--net=/proc/" + ProcessHandle.current().pid() + "/fd/" + namespace.number(),
                "/usr/sbin/nft",
                "-n",
                "list",
                "ruleset")
            .redirectErrorStream(true)
            .start();
    String text = new String(nft.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(nft.waitFor()).as(text).isZero();
    return text.replace("\t", "");
  }

  private static InetAddress ip(String text) throws IOException {
    return InetAddress.getByName(text);
  }

  private static InetSocketAddress socket(String address, int port) throws IOException {
    return new InetSocketAddress(ip(address), port);
  }

  @Test
  void rules_areReadBackByNft() throws Exception {
    new NftTransaction("pinnace")
        .addTable()
        .addChain("out", NftHook.PREROUTING_MANGLE, NftVerdict.ACCEPT)
        .addRule(
            "out",
            new NftRule()
                .from("br0")
                .notDestination(ip("10.89.0.0"), 16)
                .protocol(6)
                .toTransparent(4, 3000)
                .mark(1)
                .verdict(NftVerdict.ACCEPT))
        .addRule("out", new NftRule().version(6).protocol(17).toTransparent(6, 3001).mark(0x1234))
        .addRule("out", new NftRule().protocol(6).toTransparent(socket("127.0.0.1", 3002)))
        .addRule("out", new NftRule().protocol(6).toTransparent(socket("::1", 3003)))
        .addChain("between", NftHook.FORWARD_FILTER, NftVerdict.DROP)
        .addRule("between", new NftRule().from("br0").to("br0").verdict(NftVerdict.ACCEPT))
        .addRule("between", new NftRule().notFrom("br0").notTo("br1").verdict(NftVerdict.DROP))
        .addChain("uplink", NftHook.POSTROUTING_NAT, NftVerdict.ACCEPT)
        .addRule("uplink", new NftRule().source(ip("10.89.3.7"), 25).notTo("br0").masquerade())
        .addRule("uplink", new NftRule().destination(ip("fd00:89::1"), 61).masquerade())
        .addRule(
            "out",
            new NftRule()
                .from("br0")
                .notSource(ip("fd00:89::"), 64)
                .notSource(ip("fe80::"), 10)
                .notSource(ip("10.89.0.0"), 16)
                .verdict(NftVerdict.DROP))
        .commit(socket);
    assertThat(rules())
        .isEqualTo(
            """
            table inet pinnace {
            chain out {
            type filter hook prerouting priority -150; policy accept;
            iifname "br0" ip daddr != 10.89.0.0/16 meta l4proto 6 tproxy ip to :3000 meta mark set 0x00000001 accept
            meta nfproto 10 meta l4proto 17 tproxy ip6 to :3001 meta mark set 0x00001234
            meta l4proto 6 tproxy ip to 127.0.0.1:3002
            meta l4proto 6 tproxy ip6 to [::1]:3003
            iifname "br0" ip6 saddr != fd00:89::/64 ip6 saddr != fe80::/10 ip saddr != 10.89.0.0/16 drop
            }

            chain between {
            type filter hook forward priority 0; policy drop;
            iifname "br0" oifname "br0" accept
            iifname != "br0" oifname != "br1" drop
            }

            chain uplink {
            type nat hook postrouting priority 100; policy accept;
            ip saddr 10.89.3.0/25 oifname != "br0" masquerade
            ip6 daddr fd00:89::/61 masquerade
            }
            }
            """);
  }

  @Test
  void clearedAndFilledAgain_inOneTransaction() throws Exception {
    new NftTransaction("t")
        .addTable()
        .addChain("c", NftHook.INPUT_FILTER, NftVerdict.ACCEPT)
        .addRule("c", new NftRule().from("old").verdict(NftVerdict.DROP))
        .commit(socket);
    new NftTransaction("t")
        .clear("c")
        .addRule("c", new NftRule().from("new").verdict(NftVerdict.DROP))
        .commit(socket);
    assertThat(rules()).contains("iifname \"new\" drop").doesNotContain("old");
    new NftTransaction("t").removeTable().commit(socket);
    assertThat(rules()).isEmpty();
  }

  @Test
  void refusedChange_isNamed_andNothingOfItsTransactionIsMade() throws Exception {
    assertThatThrownBy(
            () ->
                new NftTransaction("t")
                    .addTable()
                    .addRule("nowhere", new NftRule().verdict(NftVerdict.DROP))
                    .commit(socket))
        .isInstanceOfSatisfying(ErrnoException.class, e -> assertThat(e.is(Errno.ENOENT)).isTrue())
        .hasMessageContaining("add a rule to nowhere");
    assertThat(rules()).isEmpty();
    new NftTransaction("t").addTable().commit(socket);
    assertThat(rules()).startsWith("table inet t");
  }

  @Test
  void impossibleValues_areRefused() throws Exception {
    InetAddress address = ip("10.0.0.0");
    assertThatThrownBy(() -> new NftRule().source(address, 33))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new NftRule().from("a-name-of-sixteen"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
