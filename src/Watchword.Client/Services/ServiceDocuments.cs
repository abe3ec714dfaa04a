using Watchword.McServices;

namespace Watchword.Client;

/// <summary>Reads the documents in answers.</summary>
internal static class ServiceDocuments
{
    /// <summary>The document; null if the client has it already.</summary>
    /// <exception cref="WatchwordClientException"><see cref="ClientFault.ServiceAnswerMalformed"/>.</exception>
    public static ServiceDocument<T>? Read<T>(XcapResource answer, Func<ReadOnlyMemory<byte>, T> parse)
        where T : class
    {
        if (answer.IsUnchanged)
        {
            return null;
        }

        try
        {
            return new ServiceDocument<T>(parse(answer.Content), answer.ETag);
        }
        catch (McServicesFormatException e)
        {
            throw new WatchwordClientException(ClientFault.ServiceAnswerMalformed, e.Fault.ToString(), inner: e);
        }
    }
}
