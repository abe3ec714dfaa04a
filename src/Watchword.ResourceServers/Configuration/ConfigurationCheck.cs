using Watchword.Hosting;

namespace Watchword.ResourceServers.Configuration;

/// <summary>
/// The verb <c>check-config</c>: everything that a start checks, all of it at once. With <c>--ports</c> also whether the ports are
/// free, which they are not while the services run.
/// </summary>
internal static class ConfigurationCheck
{
    private const string Json = "--json";
    private const string Ports = "--ports";

    /// <summary>Checks the configuration that a server with these arguments would have, and prints what was found.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] args, TextWriter output)
    {
        WebApplicationBuilder builder = ServicesApplication.CreateBuilder([.. args.Where(argument => argument is not (Json or Ports))]);
        ConfigurationFaults faults = new();
        ServicesSettings settings = ServicesSettings.Read(builder.Configuration, TimeProvider.System.GetUtcNow(), faults);
        if (args.Contains(Ports))
        {
            CheckPorts(settings, faults);
        }

        ProcessProtection.Describe(faults);
        return await ConfigurationReport.WriteAsync(faults, args.Contains(Json), output);
    }

    private static void CheckPorts(ServicesSettings settings, ConfigurationFaults faults)
    {
        foreach (BindingAddress address in settings.Listen.Concat(settings.AssertedIdentity?.Listen ?? []))
        {
            HostingRules.CheckPort("Services:Listen", address.Host, address.Port, faults);
        }

        if (settings.Telemetry.MetricsListener is { } metrics)
        {
            HostingRules.CheckPort("Telemetry:Metrics:Listen", metrics.Host, metrics.Port, faults);
        }
    }
}
