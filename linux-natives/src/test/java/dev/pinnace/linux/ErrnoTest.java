package dev.pinnace.linux;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ErrnoTest {
  @Test
  void message_tellsCallArgumentsNameAndMeaning() {
    ErrnoException refusal = new ErrnoException("openat2", Errno.ENOENT, "etc/passwd");
    assertThat(refusal).hasMessage("openat2(etc/passwd): ENOENT (no such file or directory)");
    assertThat(refusal.errnoName()).isEqualTo("ENOENT");
    assertThat(refusal.is(Errno.EPERM, Errno.ENOENT)).isTrue();
    assertThat(refusal.is(Errno.EPERM)).isFalse();
  }

  @Test
  void name_ofAnUnknownNumber_isTheNumber() {
    assertThat(Errno.name(4000)).isEqualTo("errno 4000");
    assertThat(Errno.describe(4000)).isEqualTo("errno 4000");
  }

  @Test
  void ofText_knowsTheMessagesOfTheJdk() {
    assertThat(Errno.ofText("Too many open files")).isEqualTo(Errno.EMFILE);
    assertThat(Errno.ofText("of no errno")).isZero();
  }

  @Test
  void number_isTheInverseOfName() {
    for (int errno = 1; errno < 134; errno++) {
      String name = Errno.name(errno);
      if (!name.startsWith("errno ")) {
        assertThat(Errno.number(name)).isEqualTo(errno);
      }
    }
    assertThat(Errno.number("eperm")).isEqualTo(Errno.EPERM);
    assertThat(Errno.number("ENOSUCH")).isZero();
  }
}
