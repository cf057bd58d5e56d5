package dev.pinnace.examples.cli;

import dev.pinnace.Pinnace;
import dev.pinnace.PullOptions;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.ImageReference;
import dev.pinnace.spec.Platform;
import dev.pinnace.spec.PullPolicy;
import java.io.PrintWriter;
import java.util.Optional;
import picocli.CommandLine.Option;

/** When the image of a container is pulled, and what is shown of that. */
final class ImageOptions {
  private static final int STANDARD_ERROR = 2;

  @Option(
      names = "--pull",
      paramLabel = "always|missing|never",
      description = "When the image is pulled; missing by default.")
  private Optional<PullPolicy> policy = Optional.empty();

  @Option(
      names = "--platform",
      paramLabel = "OS/ARCH[/VARIANT]",
      description = "Pull for another platform than this host's.")
  private Optional<String> platform = Optional.empty();

  @Option(
      names = {"-q", "--quiet"},
      description = "Show nothing of a pull.")
  private boolean quiet;

  void addTo(ContainerSpecBuilder spec) {
    policy.ifPresent(spec::pull);
    platform.map(Platform::parse).ifPresent(spec::platform);
  }

  /**
   * Pulls an image that is not here, or always if that was asked for, and shows that on standard
   * error, where Docker does.
   *
   * @return false if it was interrupted
   */
  boolean pull(String image, Pinnace pinnace, PrintWriter err) {
    PullPolicy asked = policy.orElse(PullPolicy.MISSING);
    Optional<ImageReference> reference = asked == PullPolicy.NEVER ? none() : reference(image);
    boolean always = asked == PullPolicy.ALWAYS;
    if (reference.isEmpty() || (!always && pinnace.images().find(image).isPresent())) {
      return true;
    }
    ImageReference name = reference.get().withDefaultTag();
    if (!quiet && !always) {
      err.println("Unable to find image '" + name.familiar() + "' locally");
    }
    ShownPull pull = new ShownPull(pinnace, STANDARD_ERROR, err, err, quiet);
    PullOptions options =
        platform
            .map(Platform::parse)
            .map(PullOptions.DEFAULTS::withPlatform)
            .orElse(PullOptions.DEFAULTS);
    boolean pulled = pull.pull(name, options).isPresent();
    policy = Optional.of(PullPolicy.MISSING);
    return pulled;
  }

  private static Optional<ImageReference> none() {
    return Optional.empty();
  }

  /** Empty for an id, which no registry knows. */
  private static Optional<ImageReference> reference(String image) {
    try {
      return image.startsWith("sha256:") ? none() : Optional.of(ImageReference.parse(image));
    } catch (InvalidSpecException id) {
      return none();
    }
  }
}
