package dev.pinnace.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.InvalidSpecException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceMappingTest {
  @Test
  void parse_fillsInWhatIsLeftOut() {
    assertThat(DeviceMapping.parse("/dev/a"))
        .isEqualTo(new DeviceMapping("/dev/a", "/dev/a", "rwm"));
    assertThat(DeviceMapping.parse("/dev/a:r"))
        .isEqualTo(new DeviceMapping("/dev/a", "/dev/a", "r"));
    assertThat(DeviceMapping.parse("/dev/a:/dev/x/b"))
        .isEqualTo(new DeviceMapping("/dev/a", "/dev/x/b", "rwm"));
    assertThat(DeviceMapping.parse("/other/a:/dev/./b:rw"))
        .isEqualTo(new DeviceMapping("/other/a", "/dev/b", "rw"));
    assertThat(DeviceMapping.parse("/dev/a:/etc/b:r"))
        .isEqualTo(new DeviceMapping("/dev/a", "/etc/b", "r"));
    assertThat(DeviceMapping.parse("/other/a"))
        .isEqualTo(new DeviceMapping("/other/a", "/other/a", "rwm"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "dev/a",
        "/dev/a:",
        "/dev/a:x",
        "/dev/a:/dev/b:",
        "/dev/a:/dev/b:r:w",
        "/dev/a:/",
        "/dev/a:/proc/b",
        "/dev/a:/dev/../sys/b",
        "/dev/a:/dev",
        "/dev/a:/dev/b:/dev/c"
      })
  void parse_refusesWhatIsNoDevice(String text) {
    assertThatThrownBy(() -> DeviceMapping.parse(text))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("is not a device of the host");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ptmx", "pts/0", "shm", "mqueue", "fd/3", "stdin", "stdout", "stderr"})
  void parse_placeOfSomethingElse_isRefused(String name) {
    assertThatThrownBy(() -> DeviceMapping.parse("/dev/a:/dev/./" + name))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("every container has a /dev/")
        .hasMessageContaining("choose another place");
    assertThat(DeviceMapping.parse("/dev/a:/dev/x/" + name).container()).endsWith(name);
  }
}
