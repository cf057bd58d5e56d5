package dev.pinnace.internal.image.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShebangTest {
  @TempDir private Path directory;

  private Optional<Shebang> read(String content) throws IOException {
    return Shebang.read(Files.writeString(directory.resolve("script"), content));
  }

  @Test
  void read_partsInterpreterAndArgument() throws IOException {
    assertThat(read("#! \t/bin/sh  -e -x \necho")).contains(new Shebang("/bin/sh", "-e -x"));
    assertThat(read("#!/bin/sh")).contains(new Shebang("/bin/sh", ""));
    assertThat(read("#!\n")).contains(new Shebang("", ""));
    assertThat(read("echo #!/bin/sh")).isEmpty();
    assertThat(read("")).isEmpty();
    assertThat(read("#!/bin/" + "x".repeat(10_000)).orElseThrow().interpreter()).hasSize(254);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/usr/bin/env | python3 | python3",
        "/usr/bin/env | -S python3 -u | python3",
        "/usr/bin/env | -Spython3 -u | python3",
        "/usr/bin/env | --split-string=perl -w | perl",
        "/usr/bin/env | -i A=b -u HOME --chdir /tmp ruby x | ruby",
        "/bin/env | /bin/sh | /bin/sh",
        "/usr/bin/env | -i | ",
        "/usr/bin/env | -u | ",
        "/bin/sh | -e | ",
        "/usr/bin/notenv | python3 | ",
      })
  void lookedUp_isTheProgramOfEnv(String interpreter, String argument, String program) {
    assertThat(new Shebang(interpreter, argument).lookedUp())
        .isEqualTo(Optional.ofNullable(program));
  }
}
