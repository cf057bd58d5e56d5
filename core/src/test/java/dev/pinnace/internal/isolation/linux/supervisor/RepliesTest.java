package dev.pinnace.internal.isolation.linux.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class RepliesTest {
  @Test
  void limit_isLongerThanTheSupervisors_whoseAnswerNamesTheStep() throws IOException {
    String header = Files.readString(Path.of("../linux-natives/src/main/c/supervise.h"));
    Matcher limit = Pattern.compile("SETUP_LIMIT_MS = (\\d+) \\* 1000").matcher(header);
    assertThat(limit.find()).isTrue();
    assertThat(Replies.LIMIT).isGreaterThan(Duration.ofSeconds(Long.parseLong(limit.group(1)) + 5));
  }
}
