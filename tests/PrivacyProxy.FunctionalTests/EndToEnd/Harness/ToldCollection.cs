namespace PrivacyProxy.FunctionalTests.EndToEnd.Harness;

/// <summary>What the product tells, and what its pages say of it: with a product of its own, beside the tests of <see cref="ProductCollection"/>.</summary>
[CollectionDefinition(Name)]
public sealed class ToldCollection : ICollectionFixture<ProductFixture>
{
    public const string Name = "what the product tells";
}
