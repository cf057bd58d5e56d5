package dev.pinnace.internal.image.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.error.RegistryException;
import dev.pinnace.internal.image.registry.http.Answers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What people are told of answers that nobody wanted. */
class RefusalsTest {
  private static final String TLS = "https://registry.example.org/v2/";
  private static final String PLAIN = "http://registry.example.org:5000/v2/";

  private static PinnaceException refusal(int status, String from, String body) {
    return Refusals.of(Answers.of(status, from, "application/json", body), "pull it");
  }

  private static String errors(String code, String message) {
    return "{\"errors\":[{\"code\":\"" + code + "\",\"message\":\"" + message + "\"}]}";
  }

  @Test
  void badRequest_inPlainHttp_mayBeAMatterOfTls() {
    String words = "Client sent an HTTP request to an HTTPS server.";
    assertThat(Refusals.of(Answers.of(400, PLAIN, "text/plain", words), "pull it"))
        .isInstanceOf(RegistryException.class)
        .hasMessage(
            "cannot pull it: http://registry.example.org:5000 answered 400: it was asked in plain"
                + " HTTP, and may speak TLS");
    assertThat(refusal(400, PLAIN, errors("SIZE_INVALID", "too large")))
        .as("whoever answers as a registry was understood")
        .hasMessage(
            "cannot pull it: http://registry.example.org:5000 answered 400 (size invalid: too"
                + " large)");
    assertThat(refusal(400, PLAIN, "")).as("of HEAD").hasMessageEndingWith("answered 400");
    assertThat(refusal(400, TLS, "{}"))
        .hasMessage("cannot pull it: https://registry.example.org answered 400");
  }

  @Test
  void badRequest_withTheReasonOfARegistry_isNoMatterOfTls() {
    assertThat(refusal(400, PLAIN, errors("NAME_INVALID", "no such name")))
        .hasMessage(
            "cannot pull it: http://registry.example.org:5000 answered 400 (name invalid: no such"
                + " name)");
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 403})
  void denied_saysToLogIn(int status) {
    PinnaceException refusal = refusal(status, TLS, errors("DENIED", "not for you"));
    assertThat(refusal)
        .hasMessage(
            "cannot pull it: https://registry.example.org answered "
                + status
                + " (denied: not for you): log in to it (pinnace login, Registries.credentials), or"
                + " as a user who may do that");
    assertThat(((RegistryException) refusal).status()).hasValue(status);
  }

  @Test
  void reasons_areGivenOnceAndBounded() {
    assertThat(refusal(404, TLS, errors("NAME_UNKNOWN", "Name unknown here")))
        .isInstanceOf(NotFoundException.class)
        .hasMessageEndingWith("answered 404 (Name unknown here)");
    assertThat(refusal(500, TLS, errors("X", "a".repeat(5000)))).message().hasSizeLessThan(600);
    assertThat(refusal(500, TLS, "no JSON")).hasMessageEndingWith("answered 500");
  }

  @Test
  void reasons_cannotSteerATerminal() {
    assertThat(refusal(500, TLS, errors("X", "a\\u001b[2J\\u009b\\u202e\\u2028\\nb")))
        .hasMessageEndingWith("(x: a\\u001b[2J\\u009b\\u202e\\u2028\\u000ab)");
  }

  @Test
  void page_isNoRegistry() {
    assertThat(Refusals.of(Answers.of(502, TLS, "text/html", "<html>"), "pull it"))
        .hasMessageEndingWith("answered 502 with a web page");
  }
}
