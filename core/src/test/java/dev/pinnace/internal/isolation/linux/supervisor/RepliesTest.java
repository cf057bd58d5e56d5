package dev.pinnace.internal.isolation.linux.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.TimedOutException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class RepliesTest {
  private static final Duration FOREVER = ChronoUnit.FOREVER.getDuration();

  @Test
  void await_longestAndNegativeLimit() {
    assertThat(Replies.await(CompletableFuture.completedFuture("x"), FOREVER, "it")).isEqualTo("x");
    assertThat(Replies.settle(CompletableFuture.completedFuture("x"), FOREVER)).isTrue();
    assertThatThrownBy(() -> Replies.await(new CompletableFuture<>(), FOREVER.negated(), "it"))
        .isInstanceOf(TimedOutException.class)
        .hasMessageContaining("waited 0 ms in vain for it");
  }

  @Test
  void limit_isLongerThanTheSupervisors_whoseAnswerNamesTheStep() throws IOException {
    String header = Files.readString(Path.of("../linux-natives/src/main/c/supervise.h"));
    Matcher limit = Pattern.compile("SETUP_LIMIT_MS = (\\d+) \\* 1000").matcher(header);
    assertThat(limit.find()).isTrue();
    assertThat(Replies.LIMIT).isGreaterThan(Duration.ofSeconds(Long.parseLong(limit.group(1)) + 5));
  }
}
