using System.Text;
using Watchword.McServices;
using Watchword.McServices.Configuration;
using Watchword.McServices.Groups;
using Watchword.McServices.Info;
using Watchword.McServices.Notifications;
using Watchword.McServices.Settings;

namespace Watchword.Fuzz;

/// <summary>
/// A document of MC services, as a server or client takes it. The law: what is read is the same after writing and reading once
/// more.
/// </summary>
internal sealed class McDocumentTarget<T>(
    string name, Func<ReadOnlyMemory<byte>, T> parse, Func<T, byte[]> write, Func<T, string> word,
        params string[] words) : IFuzzTarget
{
    public string Name => name;

    public IReadOnlyList<byte[]> Dictionary { get; } =
        [.. McDocuments.Words.Concat(words).Select(Encoding.UTF8.GetBytes)];

    public string Run(ReadOnlyMemory<byte> input)
    {
        T read;
        try
        {
            read = parse(input);
        }
        catch (McServicesFormatException e)
        {
            return $"{e.ElementPath}:{e.Fault}";
        }

        McDocuments.RequireSame(read, parse, write);
        return word(read);
    }
}

/// <summary>
/// A group document. Besides the law of all documents: without its members it has none, and nobody may read what was not there.
/// </summary>
internal sealed class GroupDocumentTarget : IFuzzTarget
{
    public string Name => "group-document";

    public IReadOnlyList<byte[]> Dictionary { get; } =
    [
        .. McDocuments.Words.Concat(
        [
            "<list-service uri='sip:g@b'>", "</list-service>", "<list>", "</list>", "<entry uri='sip:a@b'/>", "<cp:rule id='r'>",
            "<cp:identity><cp:one id='sip:e@b'/></cp:identity>", "<is-list-member/>",
                "<mcpttgi:protect-media>false</mcpttgi:protect-media>",
            "<mcpttgi:on-network-allow-getting-member-list>true</mcpttgi:on-network-allow-getting-member-list>",
        ]).Select(Encoding.UTF8.GetBytes),
    ];

    public string Run(ReadOnlyMemory<byte> input)
    {
        GroupDocument group;
        try
        {
            group = GroupDocument.Parse(input);
        }
        catch (McServicesFormatException e)
        {
            return $"{e.ElementPath}:{e.Fault}";
        }

        McDocuments.RequireSame(group, octets => GroupDocument.Parse(octets), g => g.Write());
        GroupDocument without = GroupDocument.Parse(GroupDocument.WithoutMembers(input));
        FuzzTargets.Require(without.Members is null && without.Administrators.Count == 0, "without its members it has none");
        FuzzTargets.Require(without.Rules.All(rule => rule.Identities is null), "no rule names anybody");
        return $"{group.Members?.Count is null} {group.Rules.Count} "
            + $"{ConfigurationSchema.Validate(ApplicationUsage.Groups, input).Count == 0}";
    }
}

/// <summary>
/// A document of any application usage of TS 24.484, which the first octet of the input chooses: what the validator lets pass,
/// its reader reads.
/// </summary>
internal sealed class ConfigurationDocumentTarget : IFuzzTarget
{
    public string Name => "configuration-document";

    public IReadOnlyList<byte[]> Dictionary { get; } =
    [
        .. McDocuments.Words.Concat(
        [
            "<on-network>", "</on-network>", "<signalling-protection>", "<integrity-protection>false</integrity-protection>",
                "<anyExt>",
            "<Server-URI>sip:p@b</Server-URI>", "<entry index='1'><uri-entry>sip:g@b</uri-entry></entry>",
                " user-profile-index='1'",
            " XUI-URI='sip:a@b'", " domain='d'", "<Instance-ID-URN>urn:uuid:1</Instance-ID-URN>", "<kms>k</kms>",
        ]).Select(Encoding.UTF8.GetBytes),
    ];

    public string Run(ReadOnlyMemory<byte> input)
    {
        if (input.IsEmpty)
        {
            return "empty";
        }

        ApplicationUsage usage = ApplicationUsage.Configurations[input.Span[0] % ApplicationUsage.Configurations.Count];
        ReadOnlyMemory<byte> document = input[1..];
        IReadOnlyList<SchemaFault> faults;
        try
        {
            faults = ConfigurationSchema.Validate(usage, document);
        }
        catch (McServicesFormatException e)
        {
            return $"{e.ElementPath}:{e.Fault}";
        }

        FuzzTargets.Require(faults.Count <= ConfigurationSchema.MaximumFaults, "faults are bounded");
        if (faults.Count > 0)
        {
            return $"{usage} {faults[0].ElementPath}";
        }

        McServiceNames service = usage.Service ?? McServiceNames.Mcptt;
        switch (usage.Kind)
        {
            case DocumentKind.UeInitialConfiguration:
                McDocuments.RequireSame(UeInitialConfiguration.Parse(document),
                    o => UeInitialConfiguration.Parse(o), d => d.Write());
                break;
            case DocumentKind.UeConfiguration:
                McDocuments.RequireSame(
                    UeConfiguration.Parse(service, document), o => UeConfiguration.Parse(service, o), d => d.Write());
                break;
            case DocumentKind.UserProfile:
                McDocuments.RequireSame(UserProfile.Parse(service, document), o => UserProfile.Parse(service, o), d => d.Write());
                break;
            default:
                McDocuments.RequireSame(
                    ServiceConfiguration.Parse(service, document), o => ServiceConfiguration.Parse(service, o), d => d.Write());
                break;
        }

        return usage.ToString();
    }
}

/// <summary>What the targets of documents have in common.</summary>
internal static class McDocuments
{
    public static IReadOnlyList<string> Words { get; } =
    [
        "<!DOCTYPE a>", "<!-- -->", "<![CDATA[", "]]>", "&amp;", "&#13;", "&#10;", " xmlns=''", " xmlns:x='urn:x'",
            "<x:a/>", "<?p ?>", "true",
        "false", "255", "256", "-1", " ", "\t",
    ];

    public static IReadOnlyList<IFuzzTarget> Targets { get; } =
    [
        new McDocumentTarget<McInfo>("mc-info", octets => McInfo.Parse(octets), info => info.Write(),
            info => $"{info.Service} {info.AccessToken is null} {info.HasEncryptedValues} {info.OtherParameters.Count > 0}",
            "<mcptt-access-token type='Normal'>", "<mcpttString>a</mcpttString>", "<xenc:EncryptedData/>",
                " type='Encrypted'", "<anyExt/>"),
        new McDocumentTarget<PocSettings>("poc-settings", octets => PocSettings.Parse(octets), settings => settings.Write(),
            settings => $"{settings.Entities.Count} {settings.Entities[0].AnswerMode} {settings.Entities[0].MultiplexSupport}",
            "<entity id='a'>", "</entity>", "<am-settings><answer-mode>manual</answer-mode></am-settings>", "<isb-settings/>"),
        new McDocumentTarget<XcapDiff>("xcap-diff", octets => XcapDiff.Parse(octets), diff => diff.Write(),
            diff => $"{diff.Documents.Count > 0} {diff.Documents.Any(document => document.IsDeleted)} {diff.Others.Count > 0}",
            "<document sel='a' new-etag='1'/>", " previous-etag='1'", "<element sel='a'/>"),
        new McDocumentTarget<ResourceLists>("resource-lists", octets => ResourceLists.Parse(octets), lists => lists.Write(),
            lists => $"{lists.Entries.Count} {lists.HasReferences}",
            "<list>", "</list>", "<entry uri='a'/>", "<external anchor='a'/>", "<display-name>a</display-name>"),
        new McDocumentTarget<GroupManagementRequest>("gmop", octets => GroupManagementRequest.Parse(octets),
            request => request.Write(),
            request => request.Operation.ToString(), "<request>", "</request>", "<get-excluding-memberlist/>"),
        new GroupDocumentTarget(),
        new ConfigurationDocumentTarget(),
    ];

    public static void RequireSame<T>(T read, Func<ReadOnlyMemory<byte>, T> parse, Func<T, byte[]> write)
    {
        byte[] written = write(read);
        byte[] again;
        try
        {
            again = write(parse(written));
        }
        catch (McServicesFormatException e)
            when (e.Fault is McServicesFormatFault.TooLarge or McServicesFormatFault.TooManyElements)
        {
            // What was at the limit may be beyond it with what the writer always says.
            return;
        }

        FuzzTargets.Require(again.AsSpan().SequenceEqual(written),
            "what is read is the same after writing and reading once more");
    }
}
