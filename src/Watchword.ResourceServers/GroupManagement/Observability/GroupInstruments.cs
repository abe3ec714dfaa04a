using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using Watchword.ResourceServers.GroupManagement.Keys;
using Watchword.ResourceServers.Observability;

namespace Watchword.ResourceServers.GroupManagement.Observability;

/// <summary>Counters of the group management server; no tag holds an identity.</summary>
internal sealed class GroupInstruments
{
    private readonly Counter<long> _changes;
    private readonly Counter<long> _messages;
    private readonly Counter<long> _failures;

    /// <param name="meters">Makes the meter.</param>
    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "The factory owns the meter.")]
    public GroupInstruments(IMeterFactory meters)
    {
        Meter meter = meters.Create(ServicesMetrics.Names.Source);
        _changes = meter.CreateCounter<long>(
            "watchword.services.groups.key_changes", "{change}", "What was done with keys of groups.");
        _messages = meter.CreateCounter<long>(
            "watchword.services.groups.key_messages", "{message}", "MIKEY messages given to members, by carrier.");
        _failures = meter.CreateCounter<long>(
            "watchword.services.groups.key_failures", "{failure}", "Groups whose keys could not be brought in line; it is tried again.");
    }

    /// <summary>Counts what was done.</summary>
    public void Changed(GroupKeyAct act) => _changes.Add(1, new KeyValuePair<string, object?>("act", act.ToString()));

    /// <summary>Counts messages that were given out.</summary>
    public void Given(int count, string carrier) => _messages.Add(count, new KeyValuePair<string, object?>("carrier", carrier));

    /// <summary>Counts a failure.</summary>
    public void Failed() => _failures.Add(1);
}
