using System.Xml;
using Watchword.McServices.Xml;

namespace Watchword.McServices.Groups;

/// <summary>
/// What some users may do with a group (TS 24.481 7.2.2, RFC 4745). All conditions of a rule must hold; one that this library
/// does not know never does (RFC 4745 §7), so a rule that says more than is understood allows nothing.
/// </summary>
public sealed record GroupRule
{
    private const string Ruleset = "ruleset";
    private const string Rule = "rule";
    private const string Conditions = "conditions";
    private const string Actions = "actions";
    private const string Identity = "identity";
    private const string One = "one";
    private const string ListMember = "is-list-member";
    private const string Initiate = "allow-initiate-conference";
    private const string Join = "join-handling";
    private const string GettingMembers = "on-network-allow-getting-member-list";
    private const string Cp = GroupNamespaces.CommonPolicy;

    /// <summary>The identifier of the rule.</summary>
    public required string Id { get; init; }

    /// <summary>The users that it is for, by identity; null where the rule does not say.</summary>
    public IReadOnlyList<string>? Identities { get; init; }

    /// <summary>Whether it is for members of the list only.</summary>
    public bool IsForMembers { get; init; }

    /// <summary>Whether sessions may be started; null where the rule does not say.</summary>
    public bool? AllowInitiateConference { get; init; }

    /// <summary>Whether sessions may be joined; null where the rule does not say.</summary>
    public bool? JoinHandling { get; init; }

    /// <summary>Whether the member list may be read; null where the rule does not say, and then it may not.</summary>
    public bool? AllowGettingMemberList { get; init; }

    /// <summary>Conditions without a property. With any, the rule applies to nobody.</summary>
    public IReadOnlyList<ForeignElement> OtherConditions { get; init; } = [];

    /// <summary>Actions without a property.</summary>
    public IReadOnlyList<ForeignElement> OtherActions { get; init; } = [];

    /// <summary>The rule by which members start and join sessions and, where it is said, read the list.</summary>
    public static GroupRule ForMembers(string id, bool allowGettingMemberList) => new()
    {
        Id = id,
        IsForMembers = true,
        AllowInitiateConference = true,
        JoinHandling = true,
        AllowGettingMemberList = allowGettingMemberList,
    };

    /// <summary>Whether the rule is for somebody.</summary>
    /// <param name="identity">The MC service ID.</param>
    /// <param name="isMember">Whether the list has it.</param>
    public bool AppliesTo(string identity, bool isMember) =>
        OtherConditions.Count == 0 && (!IsForMembers || isMember) && (Identities is null || Identities.Contains(identity));

    /// <summary>The rule that a condition of one stands in.</summary>
    internal static XmlElement? Owner(XmlElement condition)
    {
        XmlNode? node = condition;
        while (node is XmlElement element && !(element.LocalName == Rule && element.NamespaceURI == Cp))
        {
            node = node.ParentNode;
        }

        return node as XmlElement;
    }

    internal static IReadOnlyList<GroupRule> Read(XmlElement group) => OpenElement.Child(group, Ruleset, Cp) is { } ruleset
        ? [.. OpenElement.Children(ruleset, Rule).Select(ReadRule)]
        : [];

    internal static void Write(DocumentWriter writer, IReadOnlyList<GroupRule> rules)
    {
        if (rules.Count == 0)
        {
            return;
        }

        writer.Element(Ruleset, () =>
        {
            foreach (GroupRule rule in rules)
            {
                writer.Element(Rule, () => rule.Write(writer), Cp);
            }
        }, Cp);
    }

    private static GroupRule ReadRule(XmlElement rule)
    {
        XmlElement? conditions = OpenElement.Child(rule, Conditions), actions = OpenElement.Child(rule, Actions);
        XmlElement? identity = conditions is null ? null : OpenElement.Child(conditions, Identity);
        bool isPlain = identity is not null && OpenElement.Others(identity, new XmlQualifiedName(One, Cp)).Count == 0;
        return new GroupRule
        {
            Id = OpenElement.Attribute(rule, "id") ?? throw OpenElement.Missing("id"),
            Identities = isPlain ? ReadIdentities(identity!) : null,
            IsForMembers = conditions is not null
                && OpenElement.Child(conditions, ListMember, GroupNamespaces.ListService) is not null,
            AllowInitiateConference = Action(actions, Initiate),
            JoinHandling = Action(actions, Join),
            AllowGettingMemberList = actions is null ? null
                : OpenElement.Boolean(OpenElement.Child(actions, GettingMembers, GroupNamespaces.GroupInfo)),
            OtherConditions = conditions is null ? []
                : isPlain ? OpenElement.Others(conditions, GroupNamespaces.List(ListMember), new XmlQualifiedName(Identity, Cp))
                : OpenElement.Others(conditions, GroupNamespaces.List(ListMember)),
            OtherActions = actions is null ? [] : OpenElement.Others(actions,
                GroupNamespaces.List(Initiate), new(Initiate, Cp), GroupNamespaces.List(Join), new(Join, Cp),
                GroupNamespaces.Info(GettingMembers)),
        };
    }

    private void Write(DocumentWriter writer)
    {
        writer.Attribute("id", Id);
        writer.Element(Conditions, () =>
        {
            if (Identities is not null)
            {
                writer.Element(Identity, () =>
                {
                    foreach (string identity in Identities)
                    {
                        writer.Element(One, () => writer.Attribute("id", identity), Cp);
                    }
                }, Cp);
            }

            writer.Empty(ListMember, IsForMembers);
            writer.Foreign(OtherConditions);
        }, Cp);
        writer.Element(Actions, () =>
        {
            writer.Boolean(Initiate, AllowInitiateConference);
            writer.Boolean(Join, JoinHandling);
            writer.Boolean(GettingMembers, AllowGettingMemberList, GroupNamespaces.GroupInfo);
            writer.Foreign(OtherActions);
        }, Cp);
    }

    // RFC 4745 §7.1: an identity with exceptions or many users is one of those that are kept and apply to nobody.
    private static IReadOnlyList<string> ReadIdentities(XmlElement identity) =>
        [.. OpenElement.Children(identity, One).Select(one => OpenElement.RequiredUriAttribute(one, "id"))];

    // OMA's namespace is the right one; a deployed server writes that of RFC 4745.
    private static bool? Action(XmlElement? actions, string name) => actions is null ? null
        : OpenElement.Boolean(OpenElement.Child(actions, name, GroupNamespaces.ListService))
            ?? OpenElement.Boolean(OpenElement.Child(actions, name, Cp));
}
