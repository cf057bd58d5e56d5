package dev.pinnace.examples;

import static dev.pinnace.spec.ContainerSpec.image;

import dev.pinnace.Pinnace;
import dev.pinnace.PullOptions;
import dev.pinnace.ScopedContainer;
import dev.pinnace.spec.ExecResult;
import dev.pinnace.spec.ExecSpec;
import dev.pinnace.spec.ImageReference;

/** The second example of README.md, word for word. */
public final class RegistryExample {
  private RegistryExample() {}

  /** Takes the name of an image that has sh, sleep and id. */
  public static void main(String[] arguments) {
    if (arguments.length != 1) {
      throw new IllegalArgumentException("give the name of an image that has sh, sleep and id");
    }
    try (Pinnace pinnace = Pinnace.open()) {
      show(pinnace, arguments[0]);
    }
  }

  /** Pulls an image and works in a container of it, which is gone afterwards. */
  public static void show(Pinnace pinnace, String name) {
    // readme:begin
    PullOptions loud =
        PullOptions.DEFAULTS.withProgress(
            layer ->
                System.out.println(layer.phase() + " " + layer.current() + "/" + layer.total()));
    pinnace.images().pull(ImageReference.parse(name), loud).await();
    try (ScopedContainer container =
        pinnace.containers().scoped(image(name).command("sh", "-c", "echo ready; exec sleep 60"))) {
      ExecResult id = container.execute(ExecSpec.of("id"));
      System.out.print(id.stdout());
      container.logs().read().forEach(line -> System.out.println(line.text()));
    }
    // readme:end
  }
}
