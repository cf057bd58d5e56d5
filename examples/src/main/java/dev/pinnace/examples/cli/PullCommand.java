package dev.pinnace.examples.cli;

import dev.pinnace.Image;
import dev.pinnace.Pinnace;
import dev.pinnace.PullOptions;
import dev.pinnace.Task;
import dev.pinnace.error.CancelledException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.ImageReference;
import dev.pinnace.spec.Platform;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "pull",
    description = {
      "Brings an image in from its registry.",
      "What is here is not fetched; what an interrupted pull has received is not fetched again."
    })
final class PullCommand extends EngineCommand {
  private static final int INTERRUPTED = 130;

  @Parameters(paramLabel = "NAME[:TAG|@DIGEST]", description = "What to pull; latest by default.")
  private String name;

  @Option(
      names = {"-a", "--all-tags"},
      description = "Every tag that the registry has of that name.")
  private boolean all;

  @Option(
      names = {"-q", "--quiet"},
      description = "Print the name alone.")
  private boolean quiet;

  @Option(
      names = "--platform",
      paramLabel = "OS/ARCH[/VARIANT]",
      description = "Another platform than this host's.")
  private Optional<String> platform = Optional.empty();

  @Override
  int execute(Pinnace pinnace) {
    ImageReference asked = ImageReference.parse(name);
    ImageReference shown = all ? asked : asked.withDefaultTag();
    if (!quiet && !shown.equals(asked)) {
      out().println("Using default tag: latest");
    }
    PullOptions options = PullOptions.DEFAULTS;
    if (platform.isPresent()) {
      options = options.withPlatform(Platform.parse(platform.get()));
    }
    boolean same = true;
    for (ImageReference reference : all ? tags(pinnace, asked) : List.of(shown)) {
      Optional<Image> before = pinnace.images().find(reference.familiar());
      Optional<Image> now = pull(pinnace, reference, options);
      if (now.isEmpty()) {
        return INTERRUPTED;
      }
      same &= before.filter(was -> isSame(was, now.get())).isPresent();
    }
    if (!quiet) {
      out()
          .println(
              "Status: "
                  + (same ? "Image is up to date for " : "Downloaded newer image for ")
                  + shown.familiar());
    }
    out().println(shown);
    return OK;
  }

  private static List<ImageReference> tags(Pinnace pinnace, ImageReference asked) {
    if (asked.tag().isPresent() || asked.digest().isPresent()) {
      throw new InvalidSpecException(
          "--all-tags takes a name without a tag: " + asked.familiarName());
    }
    List<ImageReference> tags = pinnace.images().tags(asked.familiarName());
    if (tags.isEmpty()) {
      throw new NotFoundException("its registry has no tags of " + asked.familiarName());
    }
    return tags;
  }

  /** Pulls one image; empty if it was interrupted. */
  private Optional<Image> pull(Pinnace pinnace, ImageReference reference, PullOptions options) {
    if (!quiet) {
      String which = reference.digest().map(Digest::toString).or(reference::tag).orElse("");
      out().println(which + ": Pulling from " + reference.path());
      out().flush();
    }
    TransferDisplay display = TransferDisplay.on(out());
    Task<Image> pull =
        pinnace.images().pull(reference, quiet ? options : options.withProgress(display));
    try (SignalProxy signals = SignalProxy.to(signal -> cancel(pull))) {
      Image image = pull.await();
      if (!quiet) {
        display.finish(image.config().diffIds().stream().distinct().count());
        out().println("Digest: " + image.digest());
      }
      return Optional.of(image);
    } catch (CancelledException interrupted) {
      err().println("pinnace: " + interrupted.getMessage() + "; pull again to go on");
      return Optional.empty();
    }
  }

  private static boolean isSame(Image one, Image other) {
    return one.digest().equals(other.digest()) && one.id().equals(other.id());
  }

  private static void cancel(Task<Image> pull) {
    boolean unused = pull.cancel();
  }
}
