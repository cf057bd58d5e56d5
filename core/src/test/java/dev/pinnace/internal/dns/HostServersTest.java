package dev.pinnace.internal.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostServersTest {
  @Test
  void in_takesAddressesOnly() {
    assertThat(
            HostServers.in(
                """
                # nameserver 192.0.2.9
                nameserver 192.0.2.1
                 nameserver\t2001:db8::1 # comment
                nameserver localhost
                nameserver
                nameservers 192.0.2.8
                nameserver 192.0.2.1
                search example.org
                """))
        .extracting(InetAddress::getHostAddress)
        .containsExactly("192.0.2.1", "2001:db8:0:0:0:0:0:1");
  }

  @Test
  void get_followsTheFile(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("resolv.conf");
    HostServers servers = new HostServers(file);
    assertThat(servers.get()).isEmpty();
    Files.writeString(file, "nameserver 192.0.2.1\n");
    assertThat(servers.get()).extracting(InetAddress::getHostAddress).containsExactly("192.0.2.1");
    Files.writeString(file, "nameserver 192.0.2.2\n");
    assertThat(servers.get()).extracting(InetAddress::getHostAddress).containsExactly("192.0.2.2");
    Files.delete(file);
    assertThat(servers.get()).isEmpty();
  }
}
