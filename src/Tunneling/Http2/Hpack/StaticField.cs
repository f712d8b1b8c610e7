namespace Tunneling.Http2.Hpack;

/// <summary>A field of a static table, HPACK's or QPACK's.</summary>
internal readonly record struct StaticField(FieldName Id, byte[] Name, byte[] Value)
{
    /// <summary>A field by its text; its name is recognised here, once.</summary>
    public static StaticField Of(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => new(FieldNames.Find(name), name.ToArray(), value.ToArray());
}
