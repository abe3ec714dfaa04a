using System.Globalization;
using Watchword.Hosting;

namespace Watchword.HttpProxy.Configuration;

/// <summary>The checked limits.</summary>
internal sealed class LimitSettings
{
    public LimitSettings(LimitOptions options, ConfigurationFaults faults)
    {
        BodyOctets = Within(options.BodyOctets, 1, 64 << 20, nameof(options.BodyOctets), faults);
        HeaderOctets = Within(options.HeaderOctets, 1024, 1 << 20, nameof(options.HeaderOctets), faults);
        RequestsPerMinute = Within(options.RequestsPerMinute, 0, 1_000_000, nameof(options.RequestsPerMinute), faults);
        ConcurrentRequestsPerClient = Within(
            options.ConcurrentRequestsPerClient, 1, 100_000, nameof(options.ConcurrentRequestsPerClient), faults);
        ConcurrentRequests = Within(options.ConcurrentRequests, 1, 100_000, nameof(options.ConcurrentRequests), faults);
        Connections = Within(options.Connections, 1, 1_000_000, nameof(options.Connections), faults);
        HeaderTime = Seconds(options.HeaderSeconds, 300, nameof(options.HeaderSeconds), faults);
        ConnectTime = Seconds(options.ConnectSeconds, 300, nameof(options.ConnectSeconds), faults);
        AnswerTime = Seconds(options.AnswerSeconds, 3600, nameof(options.AnswerSeconds), faults);
        RestTime = Seconds(options.RestSeconds, 3600, nameof(options.RestSeconds), faults);
    }

    public int BodyOctets { get; }

    public int HeaderOctets { get; }

    /// <summary>0 for no limit.</summary>
    public int RequestsPerMinute { get; }

    public int ConcurrentRequestsPerClient { get; }

    public int ConcurrentRequests { get; }

    public int Connections { get; }

    public TimeSpan HeaderTime { get; }

    public TimeSpan ConnectTime { get; }

    public TimeSpan AnswerTime { get; }

    public TimeSpan RestTime { get; }

    private static TimeSpan Seconds(int value, int most, string name, ConfigurationFaults faults) =>
        TimeSpan.FromSeconds(Within(value, 1, most, name, faults));

    internal static int Within(int value, int least, int most, string name, ConfigurationFaults faults, string section = "Proxy:Limits")
    {
        if (value >= least && value <= most)
        {
            return value;
        }

        faults.Add($"{section}:{name}", string.Create(CultureInfo.InvariantCulture, $"is not between {least} and {most}"),
            "write a number within");
        return least;
    }
}
