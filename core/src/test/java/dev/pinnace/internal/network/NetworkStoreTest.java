package dev.pinnace.internal.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.ConflictException;
import dev.pinnace.error.CorruptException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.internal.durable.FaultPoints;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.NetworkAttachment;
import dev.pinnace.spec.NetworkIpv6;
import dev.pinnace.spec.NetworkSpec;
import dev.pinnace.spec.Subnet;
import dev.pinnace.spec.Subnet6;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NetworkStoreTest {
  private static final NetworkSpec SMALL =
      NetworkSpec.named("small").withSubnet(Subnet.parse("10.1.0.0/29"));

  @TempDir Path directory;
  private NetworkStore store;

  @BeforeEach
  void open() {
    store = new NetworkStore(directory);
  }

  @AfterEach
  void close() {
    store.close();
  }

  private static String hex(int number) {
    return String.format("%064x", number);
  }

  private NetworkRecord make(NetworkSpec spec, Subnet... routes) {
    return store.make(
        spec, hex(spec.name().hashCode() & 0xffff), () -> List.of(routes), () -> List.of());
  }

  private void claim(String network, int container) {
    store.claim(NetworkAttachment.to(network), new ContainerId(hex(container)));
  }

  private List<String> addresses(String network) {
    return store.endpoints(network).keySet().stream().map(Subnet::text).toList();
  }

  @Test
  void make_choosesASubnetThatNoRouteAndNoOtherNetworkHas() {
    NetworkRecord first =
        make(
            NetworkSpec.named("first"),
            Subnet.parse("172.18.3.0/24"),
            Subnet.parse("172.16.0.0/14"));
    assertThat(first.subnet()).hasToString("172.20.0.0/16");
    assertThat(first.gateway()).isEqualTo("172.20.0.1");
    assertThat(make(NetworkSpec.named("second")).subnet()).hasToString("172.18.0.0/16");
    assertThat(make(NetworkSpec.named("third")).subnet()).hasToString("172.19.0.0/16");
    assertThat(make(NetworkSpec.named("fourth")).subnet()).hasToString("172.21.0.0/16");
    assertThat(store.list())
        .extracting(NetworkRecord::name)
        .containsExactly("first", "fourth", "second", "third");
  }

  @Test
  void make_withoutFreeSubnets_saysSo() {
    Subnet large = Subnet.parse("172.16.0.0/12");
    assertThat(make(NetworkSpec.named("next"), large).subnet()).hasToString("192.168.0.0/20");
    assertThatThrownBy(() -> make(NetworkSpec.named("full"), large, Subnet.parse("192.168.0.0/16")))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("no block of addresses is free for network full");
    assertThat(store.find("full")).isEmpty();
  }

  @Test
  void make_whatIsThereOrOverlaps_isRefused() {
    make(SMALL);
    assertThatThrownBy(() -> make(SMALL)).hasMessageContaining("there is a network small already");
    assertThatThrownBy(
            () -> make(NetworkSpec.named("large").withSubnet(Subnet.parse("10.0.0.0/8"))))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("overlaps 10.1.0.0/29 of network small");
    assertThat(store.list()).hasSize(1);
  }

  @Test
  void claim_givesTheLowestFreeAddress_untilAllAreTaken() {
    make(SMALL.withGateway("10.1.0.2"));
    for (int i = 1; i <= 5; i++) {
      claim("small", i);
    }
    assertThat(addresses("small"))
        .containsExactly("10.1.0.1", "10.1.0.3", "10.1.0.4", "10.1.0.5", "10.1.0.6");
    assertThatThrownBy(() -> claim("small", 6))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("network small has no free address");
    store.release(new ContainerId(hex(3)));
    claim("small", 6);
    assertThat(store.endpoints("small"))
        .containsEntry(Subnet.address("10.1.0.4"), new ContainerId(hex(6)));
  }

  @Test
  void strayFiles_keepNobodyFromAddresses() throws IOException {
    make(SMALL);
    Path stray = Files.writeString(directory.resolve("small/addresses/zzz"), "junk");
    claim("small", 1);
    assertThat(addresses("small")).containsExactly("10.1.0.2");
    store.release("small", id(1));
    assertThat(addresses("small")).isEmpty();
    assertThat(stray).exists();
  }

  @Test
  void claim_ofARange_staysInIt() {
    make(
        NetworkSpec.named("ranged")
            .withSubnet(Subnet.parse("10.2.0.0/16"))
            .withRange(Subnet.parse("10.2.7.0/30")));
    for (int i = 1; i <= 4; i++) {
      claim("ranged", i);
    }
    assertThat(addresses("ranged")).containsExactly("10.2.7.0", "10.2.7.1", "10.2.7.2", "10.2.7.3");
    assertThatThrownBy(() -> claim("ranged", 5)).hasMessageContaining("no free address");
  }

  @Test
  void claim_ofOneAddress_isGivenThatOrRefused() {
    make(SMALL);
    ContainerId one = new ContainerId(hex(1));
    NetworkAttachment to = NetworkAttachment.to("small");
    store.claim(to.withAddress("10.1.0.6"), one);
    assertThat(addresses("small")).containsExactly("10.1.0.6");
    for (String taken : List.of("10.1.0.6", "10.1.0.1")) {
      assertThatThrownBy(() -> store.claim(to.withAddress(taken), new ContainerId(hex(2))))
          .isInstanceOf(ConflictException.class)
          .hasMessageContaining(taken);
    }
    for (String foreign : List.of("10.1.0.0", "10.1.0.7", "10.1.0.8")) {
      assertThatThrownBy(() -> store.claim(to.withAddress(foreign), one))
          .isInstanceOf(InvalidSpecException.class)
          .hasMessageContaining("10.1.0.0/29");
    }
    assertThatThrownBy(() -> claim("nowhere", 1)).isInstanceOf(NotFoundException.class);
    assertThat(addresses("small")).as("a refusal changes nothing").containsExactly("10.1.0.6");
    store.claim(to.withAddress("10.1.0.5"), one);
    assertThat(addresses("small")).as("what one has is replaced").containsExactly("10.1.0.5");
  }

  @Test
  void claims_ofManyStoresAtOnce_areAllDifferent() throws Exception {
    make(NetworkSpec.named("busy").withSubnet(Subnet.parse("10.3.0.0/24")));
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Callable<Integer>> claims = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        int first = i * 20;
        claims.add(
            () -> {
              try (NetworkStore own = new NetworkStore(directory)) {
                for (int n = first; n < first + 20; n++) {
                  own.claim(NetworkAttachment.to("busy"), new ContainerId(hex(n)));
                }
              }
              return first;
            });
      }
      for (Future<Integer> done : threads.invokeAll(claims)) {
        assertThat(done.get()).isNotNegative();
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(Set.copyOf(store.endpoints("busy").values())).hasSize(80);
  }

  @Test
  void remove_whatIsUsed_isRefused() {
    make(SMALL);
    claim("small", 1);
    assertThatThrownBy(
            () ->
                store.remove(
                    "small",
                    users -> {
                      throw new ConflictException("used by " + users.size());
                    }))
        .hasMessage("used by 1");
    store.release(new ContainerId(hex(1)));
    store.remove("small", users -> {});
    assertThat(store.list()).isEmpty();
    assertThat(directory.resolve("small")).doesNotExist();
    assertThatThrownBy(() -> store.remove("small", users -> {}))
        .isInstanceOf(NotFoundException.class);
  }

  @Test
  void damagedRecord_isLeftOutOfTheList_andNamedWhereItIsAsked() throws IOException {
    make(SMALL);
    make(NetworkSpec.named("whole"));
    Files.writeString(directory.resolve("small/network.json"), "{");
    assertThat(store.list()).extracting(NetworkRecord::name).containsExactly("whole");
    assertThatThrownBy(() -> store.get("small"))
        .isInstanceOf(CorruptException.class)
        .hasMessageContaining("small/network.json is damaged");
    assertThat(store.whole()).as("what nobody may take for all that there is").isEmpty();
    assertThat(store.has("small")).isTrue();
    claim("whole", 1);
    assertThat(store.remove("small", users -> {})).isEmpty();
    assertThat(store.has("small")).isFalse();
    assertThat(directory.resolve("small")).doesNotExist();
    assertThat(store.has("whole")).isTrue();
  }

  @Test
  void make_thatFails_leavesNothing() {
    FaultPoints.listen(
        point -> {
          if (point.equals("network drafted")) {
            throw new IllegalStateException("as on a full disk");
          }
        });
    try {
      assertThatThrownBy(() -> make(SMALL)).hasMessage("as on a full disk");
    } finally {
      FaultPoints.listen(point -> {});
    }
    assertThat(directory.resolve("small")).doesNotExist();
    assertThat(make(SMALL).name()).isEqualTo("small");
  }

  @Test
  void networkThatIsHalfMade_isNotThere_andCanBeMade() throws IOException {
    Files.createDirectories(directory.resolve("small/addresses"));
    assertThat(store.list()).isEmpty();
    assertThat(make(SMALL).name()).isEqualTo("small");
  }

  private static final NetworkSpec DUAL =
      NetworkSpec.named("dual")
          .withSubnet(Subnet.parse("10.4.0.0/24"))
          .withIpv6(NetworkIpv6.of(Subnet6.parse("fd04::/126")));

  private static ContainerId id(int number) {
    return new ContainerId(hex(number));
  }

  @Test
  void claim_withIpv6_givesBoth_untilEitherIsTaken() {
    assertThat(make(DUAL).ipv6().orElseThrow().gateway()).isEqualTo("fd04::1");
    claim("dual", 1);
    claim("dual", 2);
    assertThat(store.endpoints6("dual"))
        .containsOnly(Map.entry(id(1), "fd04::2"), Map.entry(id(2), "fd04::3"));
    assertThatThrownBy(() -> claim("dual", 3))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("network dual has no free IPv6 address");
    assertThat(addresses("dual")).as("a refusal changes nothing").hasSize(2);
    store.release("dual", id(1));
    assertThat(store.isIn("dual", id(1))).isFalse();
    claim("dual", 3);
    assertThat(store.endpoints6("dual")).containsEntry(id(3), "fd04::2");
    assertThat(store.claims()).containsOnlyKeys(id(2), id(3));
    store.release(id(2));
    store.release(id(3));
    assertThat(directory.resolve("dual/addresses")).isEmptyDirectory();
  }

  @Test
  void claim_ofAnIpv6Address_isGivenThatOrRefused() {
    make(
        NetworkSpec.named("dual")
            .withIpv6(
                NetworkIpv6.of(Subnet6.parse("fd04::/64"))
                    .withGateway("fd04:0::FE")
                    .withRange(Subnet6.parse("fd04::fc/126"))));
    NetworkAttachment to = NetworkAttachment.to("dual");
    store.claim(to.withIpv6("fd04::7:0"), id(1));
    assertThat(store.endpoints6("dual")).containsEntry(id(1), "fd04::7:0");
    for (String taken : List.of("fd04::7:0", "fd04::fe")) {
      assertThatThrownBy(() -> store.claim(to.withIpv6(taken), id(2)))
          .isInstanceOf(ConflictException.class)
          .hasMessageContaining(taken);
    }
    for (String foreign : List.of("fd04::", "fd05::2")) {
      assertThatThrownBy(() -> store.claim(to.withIpv6(foreign), id(2)))
          .isInstanceOf(InvalidSpecException.class)
          .hasMessageContaining("whose IPv6 subnet is fd04::/64");
    }
    store.claim(to.withIpv6("fd04::8"), id(1));
    assertThat(store.endpoints6("dual")).containsOnly(Map.entry(id(1), "fd04::8"));
    for (int i = 2; i <= 4; i++) {
      claim("dual", i);
    }
    assertThat(store.endpoints6("dual").values())
        .containsExactlyInAnyOrder("fd04::8", "fd04::fc", "fd04::fd", "fd04::ff");
    assertThatThrownBy(() -> claim("dual", 5)).hasMessageContaining("all of fd04::fc/126");
    make(SMALL);
    assertThatThrownBy(() -> store.claim(NetworkAttachment.to("small").withIpv6("fd04::9"), id(6)))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("network small, which has no IPv6");
    assertThat(addresses("small")).isEmpty();
  }

  /** As of a JVM that was killed while it released them. */
  @Test
  void ipv6AddressAlone_isAClaimStill() throws IOException {
    make(DUAL);
    claim("dual", 1);
    Files.delete(directory.resolve("dual/addresses/10.4.0.2"));
    assertThat(store.isIn("dual", id(1))).isTrue();
    assertThat(store.claims()).containsOnlyKeys(id(1));
    assertThatThrownBy(
            () ->
                store.remove(
                    "dual",
                    users -> {
                      throw new ConflictException("used by " + users.size());
                    }))
        .hasMessage("used by 1");
    store.release(id(1));
    store.remove("dual", users -> {});
    assertThat(store.list()).isEmpty();
  }

  @Test
  void make_choosesAnIpv6SubnetThatNobodyHas() {
    List<Subnet6> half = List.of(Subnet6.parse("fd00::/9"));
    for (int i = 0; i < 8; i++) {
      NetworkRecord made =
          store.make(NetworkSpec.named("n" + i).withIpv6(), hex(i), List::of, () -> half);
      Subnet6 chosen = made.ipv6().orElseThrow().subnet();
      assertThat(Subnet6.parse("fd80::/9").contains(chosen)).as(chosen.toString()).isTrue();
      assertThat(chosen.prefix()).isEqualTo(64);
      assertThat(store.get("n" + i)).as("as it is read back").isEqualTo(made);
    }
    assertThat(store.list()).extracting(one -> one.ipv6().orElseThrow()).doesNotHaveDuplicates();
    List<Subnet6> all = List.of(Subnet6.parse("fc00::/7"));
    assertThatThrownBy(
            () -> store.make(NetworkSpec.named("full").withIpv6(), hex(9), List::of, () -> all))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("no block of IPv6 addresses was found for network full");
    assertThat(store.find("full")).isEmpty();
    make(DUAL);
    assertThatThrownBy(
            () ->
                make(
                    NetworkSpec.named("wide").withIpv6(NetworkIpv6.of(Subnet6.parse("fd04::/48")))))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("overlaps fd04::/126 of network dual");
  }

  /** Before there was IPv6. */
  @Test
  void recordOfAnEarlierVersion_isRead() throws IOException {
    make(SMALL);
    Path file = directory.resolve("small/network.json");
    String earlier = Files.readString(file).replace(",\"ipv6\":null", "");
    assertThat(earlier).doesNotContain("ipv6");
    Files.writeString(file, earlier);
    assertThat(store.get("small").ipv6()).isEmpty();
  }

  private NetworkRecord bridge(Subnet... routes) {
    store.ensureBridge(() -> hex(1), () -> List.of(routes));
    return store.get("bridge");
  }

  @Test
  void bridge_hasDockersSubnet_whichIsNobodyElses() {
    assertThat(make(NetworkSpec.named("net")).subnet()).hasToString("172.18.0.0/16");
    assertThat(bridge().subnet()).hasToString("172.17.0.0/16");
    assertThat(bridge(Subnet.parse("172.17.0.0/16")))
        .as("once made")
        .isEqualTo(store.get("bridge"));
    assertThatThrownBy(() -> store.remove("bridge", users -> {}))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("is always there");
  }

  @Test
  void bridge_whereThatIsTaken_hasTheNext() {
    make(NetworkSpec.named("mine").withSubnet(Subnet.parse("172.17.4.0/24")));
    assertThat(bridge(Subnet.parse("172.18.0.0/15")).subnet()).hasToString("172.20.0.0/16");
  }

  @Test
  void bridge_damaged_canBeRemoved() throws IOException {
    NetworkRecord before = bridge();
    Files.writeString(directory.resolve("bridge/network.json"), "{");
    assertThat(store.remove("bridge", users -> {})).isEmpty();
    assertThat(bridge().subnet()).isEqualTo(before.subnet());
  }
}
