package dev.pinnace.examples.cli;

import dev.pinnace.Image;
import dev.pinnace.Pinnace;
import dev.pinnace.PullOptions;
import dev.pinnace.Task;
import dev.pinnace.error.CancelledException;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.ImageReference;
import dev.pinnace.spec.Platform;
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
    ImageReference reference = asked.withDefaultTag();
    if (!quiet) {
      if (!reference.equals(asked)) {
        out().println("Using default tag: latest");
      }
      String which = reference.digest().map(Digest::toString).or(reference::tag).orElse("");
      out().println(which + ": Pulling from " + reference.path());
      out().flush();
    }
    Optional<Image> before = pinnace.images().find(reference.familiar());
    PullOptions options = PullOptions.DEFAULTS;
    if (platform.isPresent()) {
      options = options.withPlatform(Platform.parse(platform.get()));
    }
    TransferDisplay display = TransferDisplay.on(out());
    Task<Image> pull =
        pinnace.images().pull(reference, quiet ? options : options.withProgress(display));
    try (SignalProxy signals = SignalProxy.to(signal -> cancel(pull))) {
      Image image = pull.await();
      if (!quiet) {
        display.finish(image.config().diffIds().stream().distinct().count());
        boolean same = before.filter(was -> isSame(was, image)).isPresent();
        out().println("Digest: " + image.digest());
        out()
            .println(
                "Status: "
                    + (same ? "Image is up to date for " : "Downloaded newer image for ")
                    + reference.familiar());
      }
      out().println(reference);
      return OK;
    } catch (CancelledException interrupted) {
      err().println("pinnace: " + interrupted.getMessage() + "; pull again to go on");
      return INTERRUPTED;
    }
  }

  private static boolean isSame(Image one, Image other) {
    return one.digest().equals(other.digest()) && one.id().equals(other.id());
  }

  private static void cancel(Task<Image> pull) {
    boolean unused = pull.cancel();
  }
}
