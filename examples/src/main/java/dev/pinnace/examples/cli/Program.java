package dev.pinnace.examples.cli;

import dev.pinnace.Image;
import dev.pinnace.oci.ExecutionConfig;
import dev.pinnace.spec.ProcessSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a container executes: the image's entrypoint and command, replaced by its own.
 *
 * @param entrypoint may be empty
 * @param command may be empty
 */
record Program(List<String> entrypoint, List<String> command) {
  static Program of(ProcessSpec process, Optional<Image> image) {
    List<String> entrypoint =
        process
            .entrypoint()
            .orElse(
                image
                    .map(i -> i.config().config())
                    .map(ExecutionConfig::entrypoint)
                    .orElse(List.of()));
    boolean keepsCommand = process.command().isEmpty() && process.entrypoint().isEmpty();
    List<String> command =
        keepsCommand
            ? image.map(i -> i.config().config()).map(ExecutionConfig::cmd).orElse(List.of())
            : process.command();
    return new Program(entrypoint, command);
  }

  /** Both, as execve(2) gets them. */
  List<String> arguments() {
    List<String> all = new ArrayList<>(entrypoint);
    all.addAll(command);
    return all;
  }
}
