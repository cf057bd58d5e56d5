package dev.pinnace.examples.cli;

import dev.pinnace.Pinnace;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.spec.RegistryCredentials;
import java.io.Console;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "login",
    description = {
      "Tries credentials with a registry and keeps them.",
      "They are kept where Docker would. What is not given is asked for on the terminal."
    })
final class LoginCommand extends EngineCommand {
  @Parameters(
      arity = "0..1",
      paramLabel = "SERVER",
      description = "Host and optional port; Docker's own by default.")
  private String server = "";

  @Option(
      names = {"-u", "--username"},
      paramLabel = "USER",
      description = "Name of the user; asked for by default.")
  private Optional<String> user = Optional.empty();

  @Option(
      names = {"-p", "--password"},
      paramLabel = "PASSWORD",
      description = "Password or access token; others see it in the list of processes.")
  private Optional<String> password = Optional.empty();

  @Option(names = "--password-stdin", description = "Take the password from standard input.")
  private boolean fromStdin;

  @Override
  int execute(Pinnace pinnace) {
    String where =
        pinnace.images().login(server, RegistryCredentials.of(askedUser(), askedPassword()));
    if (where.startsWith("/")) {
      err()
          .println(
              "WARNING! Your credentials are stored unencrypted in '"
                  + where
                  + "'.\nConfigure a credential helper to remove this warning.");
    }
    out().println("Login Succeeded");
    return OK;
  }

  private String askedUser() {
    if (user.isPresent()) {
      return user.get();
    }
    if (fromStdin) {
      throw new InvalidSpecException("--password-stdin needs --username");
    }
    return entered("user", console().readLine("Username: "));
  }

  private String askedPassword() {
    if (fromStdin) {
      if (password.isPresent()) {
        throw new InvalidSpecException("--password and --password-stdin exclude each other");
      }
      return firstLine();
    }
    if (password.isPresent()) {
      err().println("WARNING! Using --password via the CLI is insecure. Use --password-stdin.");
      return password.get();
    }
    return new String(entered("password", console().readPassword("Password: ")));
  }

  /** What was typed; nothing is, where the terminal says that no more comes. */
  private static <T> T entered(String what, @Nullable T typed) {
    if (typed == null) {
      throw new InvalidSpecException(
          "no "
              + what
              + " was entered: nothing is tried or kept; log in again, or give"
              + " --username and --password-stdin");
    }
    return typed;
  }

  private static String firstLine() {
    try {
      String text = new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
      return text.replaceFirst("\r?\n$", "");
    } catch (IOException e) {
      throw new PinnaceException("cannot read the password: " + Failures.reason(e), e);
    }
  }

  /** Newer JDKs have a console without one. */
  private static boolean isTerminal() {
    try {
      String input = Files.readSymbolicLink(Path.of("/proc/self/fd/0")).toString();
      return input.startsWith("/dev/pts/") || input.startsWith("/dev/tty");
    } catch (IOException closed) {
      return false;
    }
  }

  private static Console console() {
    return Optional.ofNullable(System.console())
        .filter(console -> isTerminal())
        .orElseThrow(
            () ->
                new InvalidSpecException(
                    "there is no terminal to ask on: give --username and --password-stdin"));
  }
}
