using System.Collections.Concurrent;
using System.Xml;
using System.Xml.Linq;
using System.Xml.Schema;
using Watchword.McServices.Groups;
using Watchword.McServices.Xml;

namespace Watchword.McServices.Configuration;

/// <summary>A place where a document does not hold its schema.</summary>
/// <param name="ElementPath">
/// The elements down to the place, such as <c>/group/list-service</c>; a name that the schema does not have is <c>*</c>.
/// </param>
public sealed record SchemaFault(string ElementPath);

/// <summary>
/// Checks documents of TS 24.484 and TS 24.481 against the reconstructed schemas of <c>docs/schemas/mc-services</c> and against
/// what their readers need. Elements and attributes that are not known are no fault: vendors and later releases have them.
/// </summary>
public static class ConfigurationSchema
{
    /// <summary>The most faults that are told of one document.</summary>
    public const int MaximumFaults = 16;

    private static readonly ConcurrentDictionary<string, CompiledSchema> _schemas = new(StringComparer.Ordinal);

    /// <summary>Checks a document.</summary>
    /// <param name="usage">The application usage that it is for.</param>
    /// <param name="document">The document.</param>
    /// <param name="limits">Limits; null for <see cref="XmlLimits.Document"/>.</param>
    /// <returns>What does not hold, at most 16 places; empty if the document is right. Nothing of its content is told.</returns>
    /// <exception cref="McServicesFormatException">Not well-formed XML, or past a limit.</exception>
    public static IReadOnlyList<SchemaFault> Validate(
        ApplicationUsage usage, ReadOnlyMemory<byte> document, XmlLimits? limits = null)
    {
        limits ??= XmlLimits.Document;
        BoundedXml.Check(document, limits);
        CompiledSchema schema = _schemas.GetOrAdd(usage.NamespaceOf(RootNamespace(document)), key => CompiledSchema.Load(usage, key));
        List<SchemaFault> faults = schema.Check(document, MaximumFaults);
        return faults.Count > 0 ? faults : Read(usage, document, limits);
    }

    /// <summary>What the schema cannot say: what must be there, what may be there once.</summary>
    private static List<SchemaFault> Read(ApplicationUsage usage, ReadOnlyMemory<byte> document, XmlLimits limits)
    {
        try
        {
            object _ = usage.Kind switch
            {
                DocumentKind.UeInitialConfiguration => UeInitialConfiguration.Parse(document, limits),
                DocumentKind.UeConfiguration => UeConfiguration.Parse(usage.Service!, document, limits),
                DocumentKind.UserProfile => UserProfile.Parse(usage.Service!, document, limits),
                DocumentKind.ServiceConfiguration => ServiceConfiguration.Parse(usage.Service!, document, limits),
                _ => GroupDocument.Parse(document, limits),
            };
            return [];
        }
        catch (McServicesFormatException e)
        {
            return [new SchemaFault(e.ElementPath)];
        }
    }

    private static string RootNamespace(ReadOnlyMemory<byte> document)
    {
        using XmlReader reader = BoundedXml.OpenChecked(document);
        reader.MoveToContent();
        return reader.NamespaceURI;
    }

    /// <summary>A schema with those that it imports, and the names of its elements.</summary>
    private sealed class CompiledSchema(XmlSchemaSet schemas, HashSet<string> names, XmlQualifiedName root)
    {
        private static readonly XNamespace _xsd = "http://www.w3.org/2001/XMLSchema";

        public static CompiledSchema Load(ApplicationUsage usage, string namespaceUri)
        {
            XmlSchemaSet set = new() { XmlResolver = null };
            HashSet<string> names = new(StringComparer.Ordinal);
            foreach (string file in FilesOf(usage))
            {
                XDocument schema = Resource(file);
                if (file == FilesOf(usage)[0])
                {
                    // The same schema for the other namespace that its documents are met with.
                    schema.Root!.SetAttributeValue("targetNamespace", namespaceUri);
                    schema.Root.SetAttributeValue("xmlns", namespaceUri);
                }

                names.UnionWith(schema.Descendants(_xsd + "element")
                    .Select(element => (string?)element.Attribute("name")).OfType<string>());
                using XmlReader reader = schema.CreateReader();
                set.Add(null, reader);
            }

            set.Compile();
            return new CompiledSchema(set, names, new XmlQualifiedName(usage.Root, namespaceUri));
        }

        public List<SchemaFault> Check(ReadOnlyMemory<byte> document, int maximum)
        {
            List<SchemaFault> faults = [];
            Stack<string> path = new();
            XmlReaderSettings settings = new()
            {
                DtdProcessing = DtdProcessing.Prohibit,
                XmlResolver = null,
                ValidationType = ValidationType.Schema,
                // No hints of the document are followed, and no warnings of what it has besides.
                ValidationFlags = XmlSchemaValidationFlags.AllowXmlAttributes
                    | XmlSchemaValidationFlags.ProcessIdentityConstraints,
                Schemas = schemas,
            };
            XmlReader? current = null;
            settings.ValidationEventHandler += (_, _) => Add(current, path, faults, maximum);
            using XmlReader plain = BoundedXml.OpenChecked(document);
            using XmlReader reader = XmlReader.Create(plain, settings);
            current = reader;
            while (reader.Read())
            {
                Follow(reader, path);
                if (reader is { NodeType: XmlNodeType.Element, Depth: 0 }
                    && (reader.LocalName != root.Name || reader.NamespaceURI != root.Namespace))
                {
                    return [new SchemaFault(BoundedXml.Root)];
                }
            }

            return [.. faults.Distinct()];
        }

        private static void Follow(XmlReader reader, Stack<string> path)
        {
            if (reader.NodeType is XmlNodeType.Element or XmlNodeType.EndElement)
            {
                while (path.Count > reader.Depth)
                {
                    path.Pop();
                }

                if (reader is { NodeType: XmlNodeType.Element, IsEmptyElement: false })
                {
                    path.Push(reader.LocalName);
                }
            }
        }

        // Called from within Read: at a start the element is not on the path yet, at an end it is.
        private void Add(XmlReader? reader, Stack<string> path, List<SchemaFault> faults, int maximum)
        {
            if (faults.Count >= maximum || reader is null)
            {
                return;
            }

            IEnumerable<string> elements = path.Reverse().Take(reader.Depth);
            string[] known = [.. elements.Append(reader.LocalName).Select(name => names.Contains(name) ? name : "*")];
            faults.Add(new SchemaFault("/" + string.Join('/', known)));
        }

        private static string[] FilesOf(ApplicationUsage usage) => usage.Kind switch
        {
            DocumentKind.UeInitialConfiguration => ["ue-init-config.xsd"],
            DocumentKind.UeConfiguration => [usage.Service!.Prefix + "-ue-config.xsd"],
            DocumentKind.UserProfile => [usage.Service!.Prefix + "-user-profile.xsd"],
            DocumentKind.ServiceConfiguration => [usage.Service!.Prefix + "-service-config.xsd"],
            _ => ["group.xsd", "resource-lists.xsd", "common-policy.xsd", "xdm-extensions.xsd", "group-info.xsd"],
        };

        private static XDocument Resource(string file)
        {
            using Stream stream = typeof(ConfigurationSchema).Assembly.GetManifestResourceStream("schemas/" + file)
                ?? throw new InvalidOperationException($"The schema {file} is not in the assembly.");
            XDocument schema = XDocument.Load(stream);
            // Where the others are found: in the assembly, not beside it.
            schema.Descendants(_xsd + "import").Attributes("schemaLocation").Remove();
            return schema;
        }
    }
}
