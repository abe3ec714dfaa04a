namespace Watchword.Fuzz;

/// <summary>Reads octets that anybody may send. Whatever they are, it returns; an exception is a defect.</summary>
internal interface IFuzzTarget
{
    /// <summary>The name on the command line and of the corpus folder.</summary>
    string Name { get; }

    /// <summary>Octet strings that the format is full of, for the mutations to splice in.</summary>
    IReadOnlyList<byte[]> Dictionary { get; }

    /// <summary>
    /// Reads <paramref name="input"/> and checks the laws of the format: what is accepted reads back the same after writing.
    /// </summary>
    /// <returns>A word for what happened; an input with a new one is kept for further mutation.</returns>
    /// <exception cref="FuzzLawException">A law does not hold.</exception>
    string Run(ReadOnlyMemory<byte> input);
}

/// <summary>The reader accepted something and a law of its format does not hold.</summary>
internal sealed class FuzzLawException(string law) : Exception(law);

internal static class FuzzTargets
{
    public static IReadOnlyList<IFuzzTarget> All { get; } =
    [
        new MikeyTarget(), new AnnexDRequestTarget(), new AnnexDResponseTarget(), new TokenPathTarget(),
            new SignedRequestTarget(),
        new SignedResponseTarget(), new RedirectResponseTarget(), new TransportKeyFileTarget(), new SecurityEventTarget(),
        new KeyMessageTarget(), new KeyParametersTarget(),
        new ProtectedPayloadTarget(),
        new DecodeTarget(),
        new ConfidentialXmlTarget(),
        new ConfidentialUriTarget(),
        new BodySignaturesTarget(),
        .. McDocuments.Targets,
        new XcapSelectorTarget(),
        new XcapEditTarget(),
        new SipMessageTarget(),
        new SipUriTarget(),
    ];

    /// <summary>Fails the run unless a law holds.</summary>
    public static void Require(bool holds, string law)
    {
        if (!holds)
        {
            throw new FuzzLawException(law);
        }
    }
}
