using System.Text.Json;

namespace Watchword.Hosting;

/// <summary>What <c>check-config</c> prints, for a person or as JSON for a program.</summary>
public static class ConfigurationReport
{
    private static readonly JsonWriterOptions Layout = new() { Indented = true };

    /// <summary>Writes the findings, faults first.</summary>
    /// <returns>The exit code: 0 if the server would start, else 1.</returns>
    public static async Task<int> WriteAsync(ConfigurationFaults faults, bool json, TextWriter output)
    {
        ConfigurationFault[] ordered = [.. faults.Found.OrderByDescending(fault => fault.Severity)];
        if (json)
        {
            await output.WriteLineAsync(ToJson(faults, ordered));
        }
        else
        {
            foreach (ConfigurationFault fault in ordered)
            {
                await output.WriteLineAsync($"{Word(fault.Severity),-8}{fault}");
            }

            int count = ordered.Count(fault => fault.Severity == FaultSeverity.Fault);
            await output.WriteLineAsync(count == 0 ? "the configuration is good" : $"{count} faults: the server would not start");
        }

        return faults.Any ? 1 : 0;
    }

    private static string ToJson(ConfigurationFaults faults, ConfigurationFault[] ordered)
    {
        using MemoryStream content = new();
        using (Utf8JsonWriter writer = new(content, Layout))
        {
            writer.WriteStartObject();
            writer.WriteBoolean("valid", !faults.Any);
            writer.WriteStartArray("findings");
            foreach (ConfigurationFault fault in ordered)
            {
                writer.WriteStartObject();
                writer.WriteString("severity", Word(fault.Severity));
                writer.WriteString("option", fault.Option);
                writer.WriteString("problem", fault.Problem);
                writer.WriteString("remedy", fault.Remedy);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(content.ToArray());
    }

    private static string Word(FaultSeverity severity) => severity switch
    {
        FaultSeverity.Fault => "fault",
        FaultSeverity.Warning => "warning",
        _ => "note",
    };
}
