namespace PrivacyProxy.FunctionalTests.EndToEnd.Harness;

/// <summary>Tests that share one running product; one after another, as they share two cores too.</summary>
[CollectionDefinition(Name)]
public sealed class ProductCollection : ICollectionFixture<ProductFixture>
{
    public const string Name = "the product, end to end";
}
