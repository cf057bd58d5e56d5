package dev.pinnace.examples;

import static dev.pinnace.spec.ContainerSpec.image;

import dev.pinnace.Pinnace;
import dev.pinnace.spec.RunResult;
import java.time.Duration;

/** The example of README.md, word for word. */
public final class ReadmeExample {
  private ReadmeExample() {}

  /** Takes no arguments. */
  public static void main(String[] arguments) {
    // readme:begin
    try (Pinnace pinnace = Pinnace.open()) {
      pinnace.images().fromHost("sh", "id", "hostname");
      RunResult result =
          pinnace
              .containers()
              .run(
                  image("localhost/host")
                      .command("sh", "-c", "echo process $$ of $(hostname), as $(id)")
                      .readOnly()
                      .timeout(Duration.ofSeconds(10)));
      System.out.print(result.stdout());
    }
    // readme:end
  }
}
