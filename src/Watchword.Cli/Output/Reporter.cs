using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Watchword.Cli;

// This file is how the command speaks. The rules are:
//
//   - Standard output carries the result and nothing else: tables and `name: value` lines for people, or, with --json, exactly
// one
//     JSON object, also when the command fails (then its only member is `error`). What can be piped is never mixed with prose.
//
//   - Everything else goes to standard error with a `watchword:` prefix: progress, warnings, errors. No capitalised initials and
// no
//     full stops at the end. Prompts go there too.
//
//   - An error says what happened in one line, and then, each in a line of its own and only if known: cause, clause, next step,
//     correlation id. The exit code says the kind; scripts branch on it, never on the prose.
//
//   - Text that came from a file or a server is printed with its control characters made visible.
//
//   - Key material, tokens and passwords are printed only by the two options named --reveal.
//
//   - Colour only on a terminal, never as the only carrier of a meaning.

/// <summary>Writes results, notes and errors by the rules at the top of this file.</summary>
internal sealed class Reporter(IConsoleIo io, bool json)
{
    private static readonly JsonWriterOptions Layout = new()
    {
        Indented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>True if the result is one JSON object.</summary>
    public bool Json => json;

    /// <summary>
    /// Prints the result: <paramref name="machine"/> with <c>--json</c>, else what <paramref name="human"/> writes.
    /// </summary>
    public void Result(JsonObject machine, Action<HumanWriter> human)
    {
        if (json)
        {
            Write(machine);
            return;
        }

        human(new HumanWriter(io));
    }

    /// <summary>Progress and remarks, for people.</summary>
    public void Note(string text) => io.StandardError.WriteLine($"watchword: {Printable.Text(text)}");

    /// <summary>Something that the user should know although the command goes on.</summary>
    public void Warning(string text) => Note("warning: " + text);

    /// <summary>Prints an error of one part of a command that goes on, for people; the result says it for machines.</summary>
    public void Explain(string part, CliException error)
    {
        Note($"error: {part}: {error.Message}");
        Reasons(error);
    }

    /// <summary>Prints an error in both languages and gives its exit code.</summary>
    public int Failure(CliException error)
    {
        Note("error: " + error.Message);
        Reasons(error);
        if (json)
        {
            JsonObject body = new()
            {
                ["code"] = JsonNamingPolicy.CamelCase.ConvertName(error.ExitCode.ToString()),
                ["exitCode"] = (int)error.ExitCode,
                ["message"] = error.Message,
            };
            if (error.Number is { } number)
            {
                body["number"] = number;
            }

            Add(body, "cause", error.Cause);
            Add(body, "clause", error.Clause);
            Add(body, "next", error.Hint);
            Add(body, "correlationId", error.CorrelationId);
            Write(new JsonObject { ["error"] = body });
        }

        return (int)error.ExitCode;
    }

    private void Reasons(CliException error)
    {
        Line("cause", error.Cause);
        Line("clause", error.Clause);
        Line("next", error.Hint);
        Line("correlation id", error.CorrelationId);
    }

    private static void Add(JsonObject body, string name, string? value)
    {
        if (value is not null)
        {
            body[name] = value;
        }
    }

    private void Line(string name, string? value)
    {
        if (value is not null)
        {
            Note($"{name}: {value}");
        }
    }

    private void Write(JsonObject value)
    {
        using MemoryStream buffer = new();
        using (Utf8JsonWriter writer = new(buffer, Layout))
        {
            value.WriteTo(writer);
        }

        io.StandardOutput.WriteLine(Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
    }
}
