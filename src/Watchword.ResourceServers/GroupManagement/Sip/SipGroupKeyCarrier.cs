using System.Threading.Channels;
using Watchword.ResourceServers.GroupManagement.Keys;

namespace Watchword.ResourceServers.GroupManagement.Sip;

/// <summary>
/// Who is to be sent a key of which group. A queue in memory, with an end: what does not fit or is lost with the process can be
/// fetched.
/// </summary>
internal sealed class SipGroupKeyCarrier : IGroupKeyCarrier
{
    private const int MostWaiting = 100_000;

    private readonly Channel<(string GroupUri, string MemberUri)> _waiting =
        Channel.CreateBounded<(string, string)>(new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>What is to be sent, in order.</summary>
    public ChannelReader<(string GroupUri, string MemberUri)> Waiting => _waiting.Reader;

    /// <inheritdoc/>
    public Task TellAsync(GroupKeyChange change, CancellationToken cancellationToken)
    {
        foreach (string member in change.ToTell)
        {
            _ = _waiting.Writer.TryWrite((change.GroupUri, member));
        }

        return Task.CompletedTask;
    }
}
