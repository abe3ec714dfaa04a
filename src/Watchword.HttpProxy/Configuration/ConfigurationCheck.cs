using Watchword.Hosting;

namespace Watchword.HttpProxy.Configuration;

/// <summary>
/// The verb <c>check-config</c>: everything that a start checks, all of it at once. With <c>--ports</c> also whether the ports are
/// free, which they are not while the proxy runs. No server behind the proxy is asked.
/// </summary>
internal static class ConfigurationCheck
{
    private const string Json = "--json";
    private const string Ports = "--ports";

    /// <summary>Checks the configuration that a proxy with these arguments would have, and prints what was found.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] args, TextWriter output)
    {
        WebApplicationBuilder builder = ProxyApplication.CreateBuilder([.. args.Where(argument => argument is not (Json or Ports))]);
        ConfigurationFaults faults = Find(builder.Configuration, args.Contains(Ports), TimeProvider.System);
        ProcessProtection.Describe(faults);
        return await ConfigurationReport.WriteAsync(faults, args.Contains(Json), output);
    }

    /// <summary>Everything that is wrong with a configuration.</summary>
    public static ConfigurationFaults Find(IConfiguration configuration, bool ports, TimeProvider time)
    {
        ConfigurationFaults faults = new();
        ProxySettings settings = ProxySettings.Read(configuration, time.GetUtcNow(), faults);
        if (!ports)
        {
            return faults;
        }

        foreach (BindingAddress address in settings.Listen.Concat(settings.AssertedIdentity?.Listen ?? []))
        {
            HostingRules.CheckPort("Proxy:Listen", address.Host, address.Port, faults);
        }

        if (settings.Telemetry.MetricsListener is { } metrics)
        {
            HostingRules.CheckPort("Telemetry:Metrics:Listen", metrics.Host, metrics.Port, faults);
        }

        return faults;
    }
}
